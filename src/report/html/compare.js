// vam-analyze page: two files of a group over each other, at any zoom.
'use strict';

// What browsers show by themselves; of the rest there are the thumbnails.
const kShownFormats = ['jpeg', 'png', 'gif', 'webp', 'bmp', 'avif'];

/** Matrices of the eight orientations of EXIF. */
const kTurns = ['', '', '-1,0,0,1', '-1,0,0,-1', '1,0,0,-1', '0,1,1,0',
                '0,1,-1,0', '0,-1,-1,0', '0,-1,1,0'];

const kViewNames = {side: 'Side by side', difference: 'Difference',
                    flip: 'Flip'};

const compare = (() => {
  const dialog = byId('compare');
  const stage = byId('stage');
  const panes = [...stage.querySelectorAll('.pane')];
  const images = [byId('image-left'), byId('image-right')];
  const selects = [byId('left'), byId('right')];
  let group = null;
  let view;   // the part that is seen: its centre, and zoom (1: all of it)
  let shift;  // of the right picture, in parts of its sides

  const fileOf = side => group.files[selects[side].selectedIndex];
  const mode = () => dialog.querySelector('[name=view]:checked').value;

  function reset() {
    view = {x: 0.5, y: 0.5, zoom: 1};
    shift = {x: 0, y: 0, scale: 1};
  }

  /** How the file has to be turned to lie like the keeper. */
  const turnOf = file => file.is_keeper ? 1 : file.transform ?? 1;

  /** Width and height, as shown here. */
  function shape(file) {
    const [width, height] = [file.width || 4, file.height || 3];
    return turnOf(file) >= 5 ? [height, width] : [width, height];
  }

  function load(side) {
    const file = fileOf(side);
    const image = images[side];
    const sources = [file.thumbnail];
    if (kShownFormats.includes(file.format)) sources.unshift(file.url);
    const next = () => {
      const source = sources.shift();
      if (source) image.src = source; else image.removeAttribute('src');
      byId(side ? 'caption-right' : 'caption-left').textContent =
          (side ? 'Right: ' : 'Left: ') + shown(baseName(file.path)) +
          (source === file.url ? '' : ' (thumbnail)');
    };
    image.onerror = next;
    image.alt = shown(baseName(file.path));
    next();
  }

  function layOut() {
    dialog.dataset.view = mode();
    const isOverlaid = mode() !== 'side';
    panes.forEach((pane, side) => {
      const box = pane.firstElementChild;
      const area = panes[isOverlaid ? 0 : side].getBoundingClientRect();
      const [width, height] = shape(fileOf(isOverlaid ? 0 : side));
      const fit = Math.min(area.width / width, area.height / height);
      const [w, h] = [width * fit, height * fit];
      const moved = side ? shift : {x: 0, y: 0, scale: 1};
      box.style.width = w + 'px';
      box.style.height = h + 'px';
      box.style.transform =
          `translate(${area.width / 2 - view.x * w * view.zoom}px,` +
          `${area.height / 2 - view.y * h * view.zoom}px)` +
          ` scale(${view.zoom})` +
          ` translate(${moved.x * w}px,${moved.y * h}px) scale(${moved.scale})`;
      const image = images[side];
      const turn = turnOf(fileOf(side));
      const [iw, ih] = turn >= 5 ? [h, w] : [w, h];
      image.style.width = iw + 'px';
      image.style.height = ih + 'px';
      image.style.left = (w - iw) / 2 + 'px';
      image.style.top = (h - ih) / 2 + 'px';
      image.style.transform = kTurns[turn] && `matrix(${kTurns[turn]},0,0)`;
      image.classList.toggle('pixels',
          view.zoom * w > 3 * (image.naturalWidth || Infinity));
    });
    stage.style.filter =
        mode() === 'difference' ? `brightness(${byId('gain').value})` : '';
    byId('gain-label').hidden = mode() !== 'difference';
    byId('zoom').textContent = Math.round(view.zoom * 100) + ' %';
  }

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  /** Around a point of the view, given from its centre in pixels. */
  function zoomBy(factor, dx = 0, dy = 0) {
    const box = panes[0].firstElementChild;
    const zoom = clamp(view.zoom * factor, 0.5, 64);
    for (const [axis, distance, size] of [['x', dx, box.offsetWidth],
                                          ['y', dy, box.offsetHeight]]) {
      view[axis] += distance / size * (1 / view.zoom - 1 / zoom);
    }
    view.zoom = zoom;
    move(0, 0);
  }

  /** By pixels. */
  function move(dx, dy) {
    const box = panes[0].firstElementChild;
    view.x = clamp(view.x - dx / box.offsetWidth / view.zoom, 0, 1);
    view.y = clamp(view.y - dy / box.offsetHeight / view.zoom, 0, 1);
    layOut();
  }

  function shiftBy(dx, dy, factor = 1) {
    shift.x += dx / view.zoom;
    shift.y += dy / view.zoom;
    shift.scale *= factor;
    layOut();
  }

  function realSize() {
    const file = fileOf(0);
    view.zoom = clamp(shape(file)[0] / devicePixelRatio /
        panes[0].firstElementChild.offsetWidth, 0.5, 64);
    layOut();
  }

  /** Only what differs, and names. */
  function fillTable() {
    const files = [fileOf(0), fileOf(1)];
    const rows = kFacts.map(fact => [fact.label, ...files.map(fact.text)])
        .filter(([, left, right]) => left !== right);
    byId('compared').replaceChildren(
        element('caption', {class: 'hidden'}, 'What differs'),
        element('tbody', {},
            row('', ...files.map(file => shown(file.path))),
            ...rows.map(cells => row(...cells))));
    function row(label, ...cells) {
      return element('tr', {}, element('th', {scope: 'row'}, label),
          ...cells.map(cell => element('td', {}, cell || '–')));
    }
  }

  function update() {
    load(0);
    load(1);
    fillTable();
    layOut();
  }

  function flip() {
    if (mode() !== 'flip') setMode('flip');
    stage.classList.toggle('flipped');
    say(stage.classList.contains('flipped') ? 'Left' : 'Right');
  }

  function setMode(value) {
    dialog.querySelector(`[name=view][value=${value}]`).checked = true;
    layOut();
  }

  function nextMode() {
    const modes = Object.keys(kViewNames);
    setMode(modes[(modes.indexOf(mode()) + 1) % 3]);
    say(kViewNames[mode()]);
  }

  function otherFile(step) {
    const select = selects[1];
    select.selectedIndex = (select.selectedIndex + step + select.length) %
        select.length;
    reset();
    update();
  }

  const kStep = 40;  // pixels
  const keys = {
    ArrowLeft: () => move(kStep, 0), ArrowRight: () => move(-kStep, 0),
    ArrowUp: () => move(0, kStep), ArrowDown: () => move(0, -kStep),
    '+': () => zoomBy(1.25), '=': () => zoomBy(1.25), '-': () => zoomBy(0.8),
    0: () => { reset(); layOut(); }, 1: realSize,
    f: flip, v: nextMode, ']': () => otherFile(1), '[': () => otherFile(-1),
  };
  const shiftKeys = {
    ArrowLeft: () => shiftBy(-0.005, 0), ArrowRight: () => shiftBy(0.005, 0),
    ArrowUp: () => shiftBy(0, -0.005), ArrowDown: () => shiftBy(0, 0.005),
    '+': () => shiftBy(0, 0, 1.01), '*': () => shiftBy(0, 0, 1.01),
    _: () => shiftBy(0, 0, 1 / 1.01), '-': () => shiftBy(0, 0, 1 / 1.01),
  };

  dialog.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isControl = event.target.matches('select, input');
    const isArrow = event.key.startsWith('Arrow');
    if (isControl && (isArrow || event.target.matches('select'))) return;
    const action = event.shiftKey && shiftKeys[event.key] || keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  stage.addEventListener('wheel', event => {
    event.preventDefault();
    const pane = event.target.closest('.pane') ?? panes[0];
    const area = pane.getBoundingClientRect();
    zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2,
        event.clientX - area.left - area.width / 2,
        event.clientY - area.top - area.height / 2);
  }, {passive: false});
  stage.addEventListener('pointerdown', event => {
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', event => {
    if (stage.hasPointerCapture(event.pointerId)) {
      move(event.movementX, event.movementY);
    }
  });
  dialog.addEventListener('change', event => {
    if (selects.includes(event.target)) reset();
    update();
  });
  byId('gain').addEventListener('input', layOut);
  byId('zoom-in').addEventListener('click', keys['+']);
  byId('zoom-out').addEventListener('click', keys['-']);
  byId('zoom-fit').addEventListener('click', keys[0]);
  byId('zoom-real').addEventListener('click', realSize);
  addEventListener('resize', () => { if (dialog.open) layOut(); });
  images.forEach(image => image.addEventListener('load', layOut));

  return {
    open(chosenGroup, file) {
      group = chosenGroup;
      for (const select of selects) {
        select.replaceChildren();
        for (const [n, one] of group.files.entries()) {
          select.append(element(
              'option', {}, `${n + 1}  ${shown(baseName(one.path))}`));
        }
      }
      const index = group.files.indexOf(file);
      selects[0].selectedIndex = 0;
      selects[1].selectedIndex = index > 0 ? index : 1;
      stage.classList.remove('flipped');
      reset();
      dialog.showModal();
      stage.focus();
      update();
    },
  };
})();
