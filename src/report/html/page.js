// vam-analyze page: the list of groups, what filters it, and the chosen group.
// Only rows that can be seen are in the document, so that any number of groups
// is as fast as one screen of them.
'use strict';

const report = window.vamReport;
const kRowHeight = 76;      // pixels, as in page.css
const kFilesPerPage = 24;   // of a group
const kBars = 12;

const groups = (report?.groups ?? []).map(prepared);
let shownGroups = [];  // those that pass the filter, sorted
let current = null;    // a group
let currentFile = 0;   // an index into its files
let firstFile = 1;     // of its page; the keeper is on each
let folder = '';       // what the chart was narrowed down to

/** Adds what filters and sorting ask for. */
function prepared(group) {
  const names = new Set();
  // Group ids do not tell which of the files is the keeper.
  group.key = group.id + ' ' + group.files[0].checksum;
  group.space = 0;
  group.isSure = true;
  group.alike = 1;
  for (const file of group.files) {
    // A path that is not text is known by its bytes.
    file.key = file.checksum + ' ' + (file.path_bytes ?? file.path);
    names.add(file.path.toLowerCase());
    if (file.redundant) group.space += file.size;
    if (file.redundant && !file.sure) group.isSure = false;
    group.alike = Math.min(group.alike, file.similarity);
  }
  group.text = [...names].join('\n');
  return group;
}

/** As the text report says it: what is only similar may have to stay. */
function freeable(someGroups) {
  const space = someGroups.reduce((sum, group) => sum + group.space, 0);
  return (someGroups.every(group => group.isSure) ? '' : 'up to ') +
      humanSize(space) + ' could be freed';
}

// Filters.

const numberOf = (id, otherwise) => {
  const value = byId(id).valueAsNumber;
  return Number.isNaN(value) ? otherwise : value;
};

function filterOf() {
  const path = byId('path').value.toLowerCase();
  const kind = byId('kind').value;
  const state = byId('state').value;
  const from = numberOf('alike-from', -1) / 100 - 1e-9;
  const to = numberOf('alike-to', 101) / 100 + 1e-9;
  const frees = numberOf('frees', 0) * 2 ** 20;
  return group =>
      (!kind || group.kind === kind) && group.text.includes(path) &&
      group.alike >= from && group.alike <= to && group.space >= frees &&
      (!state || (state === 'done') === choices.isTouched(group));
}

const isBelow = (path, base) =>
    path.startsWith(base === '/' ? base : base + '/');

const kOrders = {
  space: (a, b) => b.space - a.space,
  alike: (a, b) => b.alike - a.alike,
  files: (a, b) => b.files.length - a.files.length,
  path: () => 0,  // the order of the report
};

function filterGroups() {
  const anywhere = groups.filter(filterOf());
  drawSpace(anywhere);
  shownGroups = !folder ? anywhere : anywhere.filter(
      group => group.files.some(file => isBelow(file.path, folder)));
  shownGroups.sort(kOrders[byId('sort').value]);
  const space = shownGroups.reduce((sum, group) => sum + group.space, 0);
  byId('count').textContent = (shownGroups.length === groups.length ? '' :
      numbers.format(shownGroups.length) + ' of ') +
      counted(groups.length, 'group') + ', ' + humanSize(space);
  byId('rows').style.height = shownGroups.length * kRowHeight + 'px';
  if (!shownGroups.includes(current)) {
    byId('list').scrollTop = 0;
    choose(shownGroups[0] ?? null);
  } else {
    scrollToCurrent();
  }
  drawRows();
}

// The list.

/** After scrolling, rows that are still seen stay as they are. */
function drawRows(event) {
  const old = event?.type === 'scroll' ? new Map(
      [...byId('rows').children].map(row => [row.id, row])) : new Map();
  const list = byId('list');
  const first = Math.max(0, Math.floor(list.scrollTop / kRowHeight) - 4);
  const last = Math.min(shownGroups.length,
      Math.ceil((list.scrollTop + list.clientHeight) / kRowHeight) + 4);
  const rows = [];
  for (let n = first; n < last; ++n) {
    const group = shownGroups[n];
    rows.push(old.get('g-' + group.id) ?? rowOf(group, n));
  }
  byId('rows').replaceChildren(...rows);
  if (current) list.setAttribute('aria-activedescendant', 'g-' + current.id);
  else list.removeAttribute('aria-activedescendant');
}

function rowOf(group, n) {
  const [keeper] = group.files;
  const row = element('div', {
    class: 'row', role: 'option', id: 'g-' + group.id,
    'aria-selected': String(group === current),
    'aria-posinset': n + 1, 'aria-setsize': shownGroups.length,
  }, picture(keeper), element('div', {},
      element('b', {}, shown(baseName(keeper.path))),
      element('span', {class: 'folder'}, shown(folderOf(keeper.path))),
      element('span', {class: 'line'}, kindTag(group.kind),
          ` ${counted(group.files.length, 'file')}, ${humanSize(group.space)}`,
          choices.isTouched(group) ?
              element('span', {class: 'made'}, ' ✓ chosen') : '')));
  row.style.top = n * kRowHeight + 'px';
  row.addEventListener('click', () => choose(group));
  return row;
}

const kindTag = kind => element('span', {class: 'tag ' + kind},
    kMatchNames[kind]);

function picture(file, alt = '') {
  if (!file.thumbnail) {
    return element('span', {class: 'no-picture'}, 'no preview');
  }
  return element('img', {src: file.thumbnail, alt, loading: 'lazy',
                         decoding: 'async'});
}

function scrollToCurrent() {
  const list = byId('list');
  const top = shownGroups.indexOf(current) * kRowHeight;
  if (top < list.scrollTop) {
    list.scrollTop = top;
  } else if (top + kRowHeight > list.scrollTop + list.clientHeight) {
    list.scrollTop = top + kRowHeight - list.clientHeight;
  }
}

function choose(group) {
  current = group;
  currentFile = 0;
  firstFile = 1;
  if (group) scrollToCurrent();
  drawRows();
  drawDetail();
  byId('detail').scrollTop = 0;
}

function step(by) {
  const next = shownGroups[shownGroups.indexOf(current) + by];
  if (!next) return say(by > 0 ? 'This is the last group.' :
      'This is the first group.');
  choose(next);
}

// The chosen group.

function drawDetail() {
  const detail = byId('detail');
  if (!current) {
    detail.replaceChildren(element('p', {class: 'empty'}, groups.length > 0 ?
        'No group passes the filter.' : 'There are no duplicates.'));
    return;
  }
  const {files} = current;
  const last = Math.min(files.length, firstFile + kFilesPerPage);
  const cards = [0];
  for (let n = firstFile; n < last; ++n) cards.push(n);
  detail.replaceChildren(
      element('div', {class: 'title'},
          element('h2', {}, shown(baseName(files[0].path)), ' ',
              kindTag(current.kind)),
          element('p', {}, counted(files.length, 'file') + ', ' +
              freeable([current])),
          element('div', {class: 'buttons'},
              button('Accept', 'A', accept,
                  {title: 'Keep the keeper, remove what is surely a copy'}),
              button('Compare', 'C', openCompare),
              button('Previous', 'P', () => step(-1)),
              button('Next', 'N', () => step(1)))),
      files.length > kFilesPerPage + 1 ? pager(last) : '',
      element('ul', {class: 'files'}, ...cards.map(fileCard)));
}

function button(text, key, action, attributes = {}) {
  const made = element('button', {type: 'button', ...attributes}, text,
      key ? element('kbd', {'aria-hidden': 'true'}, key) : '');
  made.addEventListener('click', action);
  return made;
}

function pager(last) {
  const turn = by => {
    firstFile += by;
    currentFile = firstFile;
    drawDetail();
    focusFile();
  };
  return element('p', {class: 'pager'},
      button('Earlier files', '', () => turn(-kFilesPerPage),
          {disabled: firstFile === 1}),
      ` the keeper, and ${firstFile + 1} to ${last} of ` +
          `${numbers.format(current.files.length)} `,
      button('More files', '', () => turn(kFilesPerPage),
          {disabled: last === current.files.length}));
}

function fileCard(n) {
  const file = current.files[n];
  const keeper = current.files[0];
  const name = shown(baseName(file.path));
  const choice = choices.of(current, file);
  const view = button('', '', () => { pick(n); openCompare(); },
      {class: 'picture', 'aria-label': 'Compare ' + name});
  view.append(picture(file));
  const card = element('li', {
    class: 'file' + (file.is_keeper ? ' keeper' : ''), 'data-choice': choice,
    'data-index': n, tabindex: n === currentFile ? 0 : -1,
    'aria-label': `${name}, ${n + 1} of ${current.files.length}, ` +
        (file.is_keeper ? 'keeper' : kMatchNames[file.match]) +
        (choice ? ', chosen: ' + kChoices[choice] : ''),
    'aria-current': n === currentFile ? 'true' : false,
  },
      view,
      element('div', {class: 'tags'}, ...tagsOf(file)),
      element('h3', {}, name),
      element('p', {class: 'folder'}, shown(folderOf(file.path))),
      factList(file, keeper),
      choiceButtons(file, n, choice),
      element('a', {href: file.url, target: '_blank', rel: 'noreferrer'},
          'Open the file', element('span', {class: 'hidden'}, ' ' + name)));
  card.addEventListener('focusin', () => pick(n));
  return card;
}

function tagsOf(file) {
  const tags = file.is_keeper ?
      [element('span', {class: 'tag keep'}, 'keeper: ' + current.keep_reason)] :
      [kindTag(file.match), shareOf(file.similarity) + ' alike'];
  if (file.is_reference) {
    tags.push(element('span', {class: 'tag keep'}, 'reference'));
  }
  if (file.has_own_companions) {
    tags.push(element('span', {class: 'tag keep'}, 'has own companions'));
  }
  return tags;
}

function factList(file, keeper) {
  const rows = [];
  for (const fact of kFacts) {
    const text = fact.text(file);
    const isOther = !file.is_keeper &&
        (fact.ofPair ? text !== '' && !/^(\w+ 0(, )?)+$/.test(text) :
            text !== fact.text(keeper));
    if (!text && !isOther) continue;
    const delta = isOther && fact.delta?.(file, keeper);
    rows.push(element('div', {class: isOther ? 'differs' : ''},
        element('dt', {}, fact.label),
        element('dd', {}, text || 'none',
            delta ? element('span', {class: 'delta'}, ' ' + delta) : '',
            isOther && !fact.ofPair ? element('span', {class: 'hidden'},
                ' (differs from the keeper)') : '')));
  }
  if (file.hard_links) {
    rows.push(element('div', {}, element('dt', {}, 'Also as'),
        element('dd', {}, file.hard_links.map(
            link => shown(link.path)).join(', '))));
  }
  if (file.companions) {
    rows.push(element('div', {}, element('dt', {}, 'Companions'),
        element('dd', {}, file.companions.map(
            one => `${shown(one.path)} (${one.kind})`).join(', '))));
  }
  return element('dl', {}, ...rows);
}

const kChoices = {keep: 'Keep', remove: 'Remove', different: 'Not a duplicate'};
const kChoiceKeys = {keep: 'K', remove: 'R', different: 'D'};

function choiceButtons(file, n, choice) {
  return element('div', {class: 'choices', role: 'group',
                         'aria-label': 'What to do with this file'},
      ...Object.entries(kChoices)
          .filter(([key]) => key !== 'different' || !file.is_keeper)
          .map(([key, text]) => button(text, kChoiceKeys[key], () => {
            pick(n);
            decide(key);
          }, {class: key, 'aria-pressed': String(choice === key)})));
}

/** Makes a file the current one, without drawing: a click may be under way. */
function pick(n) {
  if (n === currentFile) return;
  for (const card of byId('detail').querySelectorAll('.file')) {
    const isPicked = Number(card.dataset.index) === n;
    card.tabIndex = isPicked ? 0 : -1;
    card.toggleAttribute('aria-current', isPicked);
    if (isPicked) card.setAttribute('aria-current', 'true');
  }
  currentFile = n;
}

function focusFile() {
  byId('detail').querySelector(`.file[data-index="${currentFile}"]`)?.focus();
}

function stepFile(by) {
  const n = currentFile + by;
  if (!current || n < 0 || n >= current.files.length) return;
  if (n > 0 && (n < firstFile || n >= firstFile + kFilesPerPage)) {
    firstFile = 1 + Math.floor((n - 1) / kFilesPerPage) * kFilesPerPage;
    drawDetail();
  }
  pick(n);
  focusFile();
}

// Choices.

function save(changes) {
  const isKept = choices.set(changes);
  drawChoices();
  return isKept ? '' : ' They cannot be kept in this browser: export them.';
}

/** Draws again what shows choices, and leaves the focus where it was. */
function drawChoices() {
  const chosen = {remove: 0, different: 0, bytes: 0};
  for (const group of groups) {
    if (!choices.isTouched(group)) continue;
    for (const file of group.files) {
      const choice = choices.of(group, file);
      if (choice in chosen) ++chosen[choice];
      if (choice === 'remove') chosen.bytes += file.size;
    }
  }
  byId('chosen').textContent = chosen.remove + chosen.different === 0 ?
      'Nothing chosen yet' :
      `${counted(chosen.remove, 'file')} to remove, ${humanSize(chosen.bytes)}` +
      (chosen.different ? `; ${chosen.different} not a duplicate` : '');
  byId('export-summary').textContent = byId('chosen').textContent + '.';
  byId('export-paths').disabled = chosen.remove === 0;
  byId('export-pairs').disabled = chosen.different === 0;
  byId('export-json').disabled =
      !groups.some(group => choices.isTouched(group));
  byId('forget').disabled = choices.isEmpty;
  byId('undo').disabled = !choices.canUndo;

  const focused = document.activeElement;
  const isInDetail = byId('detail').contains(focused);
  const choiceClass = isInDetail && focused.closest('.choices') &&
      focused.className;
  drawRows();
  drawDetail();
  if (!isInDetail) return;
  const card = byId('detail').querySelector(
      `.file[data-index="${currentFile}"]`);
  (choiceClass ? card?.querySelector(`.choices .${choiceClass}`) : card)
      ?.focus();
}

function decide(choice) {
  if (!current) return;
  const file = current.files[currentFile];
  const chosen = toggled(current, file, choice);
  const why = chosen[file.key] === choice && objection(current, file, choice);
  if (why) return say(why);
  const warning = save([[current, chosen]]);
  say((chosen[file.key] ? kChoices[choice] : 'No choice for') + ': ' +
      shown(baseName(file.path)) + '.' + warning);
}

function accept() {
  if (!current) return;
  const chosen = accepted(current);
  const warning = chosen ? save([[current, chosen]]) : '';
  say(chosen ? 'Accepted.' + warning : 'There is no sure copy left to remove.');
  if (chosen) step(1);
}

function acceptAll() {
  const changes = shownGroups.map(group => [group, accepted(group)])
      .filter(([, chosen]) => chosen);
  if (changes.length === 0) return say('There is no sure copy left to remove.');
  const warning = save(changes);
  say(`Accepted in ${counted(changes.length, 'group')}.` + warning);
}

function undo() {
  if (!choices.canUndo) return say('There is nothing to undo.');
  choices.undo();
  drawChoices();
  say('Undone.');
}

/** Drops what no longer makes sense. */
function checkChoices() {
  const unsound = groups.filter(
      group => choices.isTouched(group) && !isSound(group, choicesOf(group)));
  if (unsound.length === 0) return;
  choices.drop(unsound);
  say(`Choices of ${counted(unsound.length, 'group')} were dropped: ` +
      'files have changed, and one that has to stay would have been removed.');
}

function openCompare() {
  if (current) compare.open(current, current.files[currentFile]);
}

// Where the space is.

/** The folder below which all of these lie. */
function commonFolder(paths) {
  let common = paths.length > 0 ? folderOf(paths[0]) : '/';
  for (const path of paths) {
    while (common !== '/' && !isBelow(path, common)) common = folderOf(common);
  }
  return common;
}

function drawSpace(someGroups) {
  const files = someGroups.flatMap(
      group => group.files.filter(file => file.redundant));
  const root = commonFolder(files.map(file => file.path));
  if (folder && !isBelow(folder, root)) folder = '';
  const base = folder || root;
  const sums = new Map();
  for (const file of files) {
    if (!isBelow(file.path, base)) continue;
    const rest = file.path.slice(base === '/' ? 1 : base.length + 1);
    const end = rest.indexOf('/');
    const name = end < 0 ? '' : rest.slice(0, end);
    if (!sums.has(name)) {
      sums.set(name, {all: 0, exact: 0, 'same-image': 0, similar: 0});
    }
    sums.get(name)[file.match] += file.size;
    sums.get(name).all += file.size;
  }
  const sorted = [...sums].sort((a, b) => b[1].all - a[1].all);
  const most = sorted[0]?.[1].all || 1;
  byId('bars').replaceChildren(
      ...sorted.slice(0, kBars).map(([name, sum]) => bar(base, name, sum, most)),
      sorted.length > kBars ? element('li', {class: 'rest'},
          `and ${counted(sorted.length - kBars, 'more folder')}, ` +
          humanSize(sorted.slice(kBars).reduce(
              (total, [, sum]) => total + sum.all, 0))) : '');
  drawCrumbs(root, base);
}

function bar(base, name, sum, most) {
  const path = (base === '/' ? '' : base) + '/' + name;
  const parts = ['exact', 'same-image', 'similar'].map(match => {
    const part = element('span', {class: match});
    part.style.width = 100 * sum[match] / most + '%';
    return part;
  });
  const content = [
    element('span', {class: 'name'}, name ? shown(name) : 'files in this folder'),
    element('span', {class: 'parts'}, ...parts),
    element('span', {class: 'sum'}, humanSize(sum.all)),
  ];
  if (!name) return element('li', {}, element('div', {}, ...content));
  const narrow = button('', '', () => narrowTo(path));
  narrow.append(...content);
  return element('li', {}, narrow);
}

function drawCrumbs(root, base) {
  const crumbs = [[root, root]];
  for (let path = base; path !== root; path = folderOf(path)) {
    crumbs.splice(1, 0, [path, baseName(path)]);
  }
  byId('crumbs').replaceChildren(...crumbs.map(([path, name], n) => button(
      shown(name), '', () => narrowTo(n === 0 ? '' : path),
      {'aria-current': n === crumbs.length - 1 ? 'true' : false})));
}

function narrowTo(path) {
  folder = path;
  filterGroups();
  byId('crumbs').lastElementChild.focus();
  say(byId('count').textContent);
}

// Keys.

const kLetters = {
  n: () => step(1), p: () => step(-1), k: () => decide('keep'),
  r: () => decide('remove'), d: () => decide('different'), a: accept, u: undo,
  c: openCompare, '?': () => byId('help').showModal(),
  '/': () => byId('path').focus(),
};
const kArrows = {
  ArrowDown: () => step(1), ArrowUp: () => step(-1),
  ArrowRight: () => stepFile(1), ArrowLeft: () => stepFile(-1),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey ||
      document.querySelector('dialog[open]')) {
    return;
  }
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape') {
      event.preventDefault();  // Chromium would empty the field
      byId('list').focus();
    }
    return;
  }
  const action = kArrows[event.key] ??
      (byId('letters').checked && kLetters[event.key.toLowerCase()]);
  if (!action) return;
  event.preventDefault();
  action();
}

function onListKey(event) {
  const page = Math.max(1,
      Math.floor(byId('list').clientHeight / kRowHeight) - 1);
  const jumps = {Home: -Infinity, End: Infinity, PageUp: -page, PageDown: page};
  const by = jumps[event.key];
  if (!by || !current) return;
  event.preventDefault();
  const last = shownGroups.length - 1;
  choose(shownGroups[Math.min(last,
      Math.max(0, shownGroups.indexOf(current) + by))]);
}

let settling;

/** Looks at what another tab has chosen, at last or before it counts. */
function settleChoices() {
  clearTimeout(settling);
  checkChoices();
  drawChoices();
}

function start() {
  if (report?.schema !== 'vam-analyze-page/1') {
    byId('summary').textContent =
        'This page is not complete: the run that makes it has not ended. ' +
        'Run vam-analyze again, then load it again.';
    return;
  }
  byId('summary').textContent =
      `${counted(groups.length, 'group')} in ` +
      `${counted(report.files_seen, 'file')}; ${freeable(groups)}. ` +
      `${shownTime(report.timestamp)}, vam-analyze ${report.version}`;
  addEventListener('keydown', onKey);
  addEventListener('resize', drawRows);
  addEventListener('storage', event => {
    if (!choices.takeOver(event.key)) return;
    // There is an event for each of thousands of groups.
    clearTimeout(settling);
    settling = setTimeout(settleChoices, 50);
  });
  byId('list').addEventListener('keydown', onListKey);
  byId('list').addEventListener('scroll', drawRows, {passive: true});
  const filters = byId('filters');
  filters.addEventListener('input', filterGroups);
  filters.addEventListener('submit', event => event.preventDefault());
  filters.addEventListener('reset', () => {
    folder = '';
    setTimeout(filterGroups);
  });
  byId('mark-all').addEventListener('click', acceptAll);
  byId('undo').addEventListener('click', undo);
  byId('open-export').addEventListener('click',
      () => byId('export').showModal());
  byId('open-help').addEventListener('click', () => byId('help').showModal());
  for (const dialog of document.querySelectorAll('dialog')) {
    dialog.addEventListener('close', unsay);
  }
  for (const close of document.querySelectorAll('dialog .close')) {
    close.addEventListener('click', () => close.closest('dialog').close());
  }
  const exportAs = (id, name, exported) =>
      byId(id).addEventListener('click', () => {
        settleChoices();
        download(name, exported());
      });
  exportAs('export-json', 'choices.json', () => exportedJson(report, groups));
  exportAs('export-paths', 'remove.nul', () => exportedPaths(groups));
  exportAs('export-pairs', 'different.pairs', () => exportedPairs(groups));
  byId('forget').addEventListener('click', () => {
    choices.clear();
    drawChoices();
    say('All choices are cleared.');
  });
  const letters = byId('letters');
  letters.checked = choices.setting('letters') !== 'off';
  letters.addEventListener('change',
      () => choices.setting('letters', letters.checked ? 'on' : 'off'));
  filterGroups();
  checkChoices();
  drawChoices();
}

start();
