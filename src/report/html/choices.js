// vam-analyze page: what the user chose, kept in this browser, and its exports.
'use strict';

// Choices of a group are kept under its id, which stays the same while its
// files hold the same bytes: {id: {path: 'keep' | 'remove' | 'different'}}.
const choices = (() => {
  const key = 'vam-analyze ' + (window.vamReport?.catalog ?? '');
  let all = read();
  let undoable = [];  // of {id: choices before}

  function read() {
    try {
      const value = JSON.parse(localStorage.getItem(key));
      return value && typeof value === 'object' ? value : {};
    } catch {
      return {};
    }
  }

  /** False if they will be lost with the page. */
  function write() {
    try {
      localStorage.setItem(key, JSON.stringify(all));
      return true;
    } catch {
      return false;
    }
  }

  function put(id, chosen) {
    if (chosen && Object.keys(chosen).length > 0) {
      all[id] = chosen;
    } else {
      delete all[id];
    }
  }

  return {
    key,
    /** Another tab has changed them. */
    reload: () => { all = read(); undoable = []; },
    /** Anything else in the storage counts for nothing. */
    of: (group, file) => {
      const choice = all[group.id]?.[file.name];
      return ['keep', 'remove', 'different'].includes(choice) ? choice : '';
    },
    isTouched: group => group.id in all,
    /** Takes a list of [group, {path: choice}], which replace what was there. */
    set: changes => {
      const before = {};
      for (const [group, chosen] of changes) {
        before[group.id] = all[group.id];
        put(group.id, chosen);
      }
      undoable.push(before);
      return write();
    },
    /** For good: undo() does not bring them back. */
    drop: group => {
      put(group.id, null);
      return write();
    },
    /** Reads or keeps a setting of the page. */
    setting: (name, value) => {
      try {
        if (value) localStorage.setItem('vam-analyze: ' + name, value);
        return localStorage.getItem('vam-analyze: ' + name);
      } catch {
        return null;
      }
    },
    get canUndo() { return undoable.length > 0; },
    undo: () => {
      for (const [id, chosen] of Object.entries(undoable.pop() ?? {})) {
        put(id, chosen);
      }
      return write();
    },
  };
})();

const choicesOf = group => Object.fromEntries(
    group.files.map(file => [file.name, choices.of(group, file)])
        .filter(([, choice]) => choice));

/** What stays of the picture if all is done that was chosen. */
const survivors = (group, except) => group.files.filter(file =>
    file !== except &&
    !['remove', 'different'].includes(choices.of(group, file)));

/** Why this choice cannot be made; empty if it can. */
function objection(group, file, choice) {
  const [keeper] = group.files;
  if (choice === 'remove' && file.is_reference) {
    return 'A reference file always stays.';
  }
  if (choice === 'different' && file === keeper) {
    return 'The keeper cannot differ from itself: mark the other file.';
  }
  if (choice === 'different' && file.checksum === keeper.checksum) {
    return 'These two hold the same bytes.';
  }
  const removes = choice === 'remove' || choice === 'different' &&
      group.files.some(other => choices.of(group, other) === 'remove');
  return removes && survivors(group, file).length === 0
      ? 'The last copy of a picture stays.' : '';
}

/** Whether what was chosen earlier still makes sense: files may be gone. */
const isSound = group => group.files.every(file =>
    choices.of(group, file) !== 'remove' ||
    !file.is_reference && survivors(group).length > 0);

/** Choosing the same again takes it back. */
function toggled(group, file, choice) {
  const chosen = choicesOf(group);
  if (chosen[file.name] === choice) {
    delete chosen[file.name];
  } else {
    chosen[file.name] = choice;
  }
  return chosen;
}

/** Keeps the keeper and removes the sure copies, unless the user chose
 *  otherwise. Null if nothing is left to do. */
function accepted(group) {
  const chosen = choicesOf(group);
  // Sure copies may go if all others stay.
  const othersStay = group.files.every(
      file => file.sure || chosen[file.name] !== 'remove');
  const open = group.files.filter(file => file.sure && !chosen[file.name]);
  if (!othersStay || open.length === 0) return null;
  chosen[group.files[0].name] ??= 'keep';
  for (const file of open) chosen[file.name] = 'remove';
  return chosen;
}

// The raw bytes of a path, which need not be text.
function bytesOf(file) {
  return file.path_bytes === undefined
      ? new TextEncoder().encode(file.path)
      : Uint8Array.from(atob(file.path_bytes), c => c.charCodeAt(0));
}

const kNul = new Uint8Array(1);

const chosenFiles = (groups, choice) => groups.flatMap(
    group => group.files.filter(file => choices.of(group, file) === choice));

const exportedPaths = groups =>
    chosenFiles(groups, 'remove').flatMap(file => [bytesOf(file), kNul]);

/** NUL-terminated paths by twos: the keeper and what is no copy of it. */
const exportedPairs = groups => groups.flatMap(group =>
    chosenFiles([group], 'different').flatMap(
        file => [bytesOf(group.files[0]), kNul, bytesOf(file), kNul]));

function exportedJson(report, groups) {
  const fileOf = (group, file) => {
    const {path, path_bytes, size, mtime, checksum, is_keeper, is_reference,
           match} = file;
    return {path, path_bytes, size, mtime, checksum,
            is_keeper: is_keeper === true, is_reference, match,
            choice: choices.of(group, file) || null};
  };
  const touched = groups.filter(group => choices.isTouched(group));
  return [JSON.stringify({
    schema: 'vam-analyze-choices/1',
    version: report.version,
    timestamp: report.timestamp,
    catalog: report.catalog,
    catalog_bytes: report.catalog_bytes,
    groups: touched.map(group => ({
      id: group.id,
      kind: group.kind,
      files: group.files.map(file => fileOf(group, file)),
    })),
  }, null, 2) + '\n'];
}

function download(name, parts) {
  const url = URL.createObjectURL(
      new Blob(parts, {type: 'application/octet-stream'}));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
