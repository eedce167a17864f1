// vam-analyze page: how files, and what is known of them, are shown.
'use strict';

const byId = id => document.getElementById(id);

/** Attributes and children; text stays text, whatever it holds. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** For a screen reader, and for a while at the foot of the page; or in the open
 *  dialog, which hides the page from both. */
function say(text) {
  unsay();
  const place = document.querySelector('dialog[open] .says') ?? byId('says');
  place.textContent = text;
  say.timer = setTimeout(unsay, 6000);
}

function unsay() {
  clearTimeout(say.timer);
  for (const place of document.querySelectorAll('.says')) {
    place.textContent = '';
  }
}

/** What takes no room or turns the direction becomes visible. */
const shown = text => text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    c => c === '\n' ? '\\n' : `\\u{${c.codePointAt(0).toString(16)}}`);

const baseName = path => path.slice(path.lastIndexOf('/') + 1);
const folderOf = path => path.slice(0, path.lastIndexOf('/')) || '/';

const numbers = new Intl.NumberFormat('en');
const counted = (n, noun) => numbers.format(n) + ' ' + noun + (n === 1 ? '' : 's');

function humanSize(bytes) {
  if (bytes < 1024) return counted(bytes, 'byte');
  let unit = 0;
  for (; bytes >= 1024 && unit < 4; ++unit) bytes /= 1024;
  return bytes.toFixed(1) + ' ' + ['', 'KiB', 'MiB', 'GiB', 'TiB'][unit];
}

/** A number with its sign, as shown behind what differs. */
const signed = (n, text) => (n < 0 ? '−' : '+') + text(Math.abs(n));

const kMatchNames = {exact: 'exact', 'same-image': 'same image',
                     similar: 'similar'};
const kTurnNames = ['', '', 'mirrored', 'upside down',
                    'mirrored, upside down', 'mirrored, on its side',
                    'turned right', 'mirrored, on its side', 'turned left'];

const shareOf = similarity => (100 * similarity).toFixed(1) + ' %';

/** "2019-08-07 10:11:12", as far as it is there. */
const shownTime = time => (time ?? '').replace('T', ' ')
    .replace(/\.\d+(?=Z)/, '').replace('Z', ' UTC');

const cameraOf = file => {
  const {camera_make: make = '', camera_model: model = ''} = file;
  return model.startsWith(make) ? model : make + ' ' + model;
};

// What is told of a file. `delta` says how far it is from the keeper. What
// belongs to a pair has no text for the keeper.
const kFacts = [
  {label: 'Size', text: file => humanSize(file.size),
   delta: (file, keeper) => file.size === keeper.size ? '' :
       signed(file.size - keeper.size, humanSize)},
  {label: 'Pixels',
   text: file => file.width ? `${file.width} × ${file.height}` : '',
   delta: (file, keeper) => {
     const share = file.width * file.height / (keeper.width * keeper.height);
     return share > 0 && share !== 1 ? Math.round(100 * share) + ' %' : '';
   }},
  {label: 'Format', text: file => file.format},
  {label: 'Taken', text: file => shownTime(file.taken_at)},
  {label: 'Modified', text: file => shownTime(file.mtime)},
  {label: 'Camera', text: file => shown(cameraOf(file))},
  {label: 'Software', text: file => shown(file.software ?? '')},
  {label: 'Place', text: file => file.gps ?
      `${file.gps.latitude}, ${file.gps.longitude}` : ''},
  {label: 'Rating', text: file => file.rating > 0 ?
      '★'.repeat(file.rating) : ''},
  {label: 'Distance', ofPair: true, text: file => file.is_keeper ? '' :
      Object.entries(file.distance).map(([name, bits]) => `${name} ${bits}`)
          .join(', ')},
  {label: 'Turned', ofPair: true,
   text: file => kTurnNames[file.transform ?? 1]},
  {label: 'Differs in', ofPair: true,
   text: file => (file.differences ?? []).join(', ')},
];
