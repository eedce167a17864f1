// vam-analyze page: what the user chose, kept in this browser, and its exports.
'use strict';

// Choices hold for the keeper and the bytes that the user saw: they are kept as
// {group.key: {file.key: 'keep' | 'remove' | 'different'}}, see prepared().
const choices = (() => {
  const key = 'vam-analyze ' + (window.vamReport?.catalog ?? '');
  let isKept = true;  // by the browser; else only this page has them
  let all = read();
  let undoable = [];  // of {group.key: choices before}

  function read() {
    try {
      const value = JSON.parse(localStorage.getItem(key));
      return value && typeof value === 'object' ? value : {};
    } catch {
      return {};
    }
  }

  /** Another tab may have changed them. */
  function refresh() {
    if (isKept) all = read();
  }

  /** False if they will be lost with the page. */
  function write() {
    try {
      localStorage.setItem(key, JSON.stringify(all));
      isKept = true;
    } catch {
      isKept = false;
    }
    return isKept;
  }

  /** Takes a list of [group.key, choices], and changes no other group.
   *  Returns what was there, in the same form. */
  function replace(changes) {
    refresh();
    const before = [];
    for (const [id, chosen] of changes) {
      before.push([id, all[id]]);
      if (chosen && Object.keys(chosen).length > 0) {
        all[id] = chosen;
      } else {
        delete all[id];
      }
    }
    return before;
  }

  return {
    key,
    reload: () => { refresh(); undoable = []; },
    /** Anything else in the storage counts for nothing. */
    of: (group, file) => {
      const choice = all[group.key]?.[file.key];
      return ['keep', 'remove', 'different'].includes(choice) ? choice : '';
    },
    isTouched: group => group.key in all &&
        group.files.some(file => choices.of(group, file)),
    /** Takes a list of [group, {file.key: choice}], which replace what was
     *  there. */
    set: changes => {
      undoable.push(replace(
          changes.map(([group, chosen]) => [group.key, chosen])));
      return write();
    },
    /** For good: undo() does not bring them back. */
    drop: groups => {
      replace(groups.map(group => [group.key, null]));
      return write();
    },
    /** Those of groups that are no longer there, too. */
    clear: () => {
      refresh();
      undoable.push(replace(Object.keys(all).map(id => [id, null])));
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
    get isEmpty() { return Object.keys(all).length === 0; },
    get canUndo() { return undoable.length > 0; },
    undo: () => {
      replace(undoable.pop() ?? []);
      return write();
    },
  };
})();

const choicesOf = group => Object.fromEntries(
    group.files.map(file => [file.key, choices.of(group, file)])
        .filter(([, choice]) => choice));

/** Whether the program never counts it as one that can go. */
const alwaysStays = file => file.is_reference || file.has_own_companions;

/** Whether something stays of the picture if all this is done. What has the
 *  bytes of a file that is no duplicate is none either. */
function hasSurvivor(group, chosen) {
  const different = new Set(
      group.files.filter(file => chosen[file.key] === 'different')
          .map(file => file.checksum));
  return group.files.some(file =>
      chosen[file.key] !== 'remove' && !different.has(file.checksum));
}

/** Why this choice cannot be made; empty if it can. */
function objection(group, file, choice) {
  const [keeper] = group.files;
  if (choice === 'remove' && file.is_reference) {
    return 'A reference file always stays.';
  }
  if (choice === 'remove' && file.has_own_companions) {
    return 'A file with companions of its own always stays.';
  }
  if (choice === 'different' && file === keeper) {
    return 'The keeper cannot differ from itself: mark the other file.';
  }
  if (choice === 'different' && file.checksum === keeper.checksum) {
    return 'These two hold the same bytes.';
  }
  return isSound(group, {...choicesOf(group), [file.key]: choice}) ?
      '' : 'The last copy of a picture stays.';
}

/** Whether all of this can be done. What was chosen earlier may not: files may
 *  be gone since. */
function isSound(group, chosen) {
  const removed = group.files.filter(file => chosen[file.key] === 'remove');
  const [keeper] = group.files;
  return !removed.some(alwaysStays) &&
      !group.files.some(file => chosen[file.key] === 'different' &&
          file.checksum === keeper.checksum) &&
      (removed.length === 0 || hasSurvivor(group, chosen));
}

/** Choosing the same again takes it back. */
function toggled(group, file, choice) {
  const chosen = choicesOf(group);
  if (chosen[file.key] === choice) {
    delete chosen[file.key];
  } else {
    chosen[file.key] = choice;
  }
  return chosen;
}

/** Keeps the keeper and removes the sure copies, unless the user chose
 *  otherwise. A set, such as RAW and JPEG, is not torn apart: its files are
 *  left to the user. Null if nothing is left to do. */
function accepted(group) {
  const chosen = choicesOf(group);
  // Sure copies may go if all others stay.
  const othersStay = group.files.every(
      file => file.sure || chosen[file.key] !== 'remove');
  const open = group.files.filter(
      file => file.sure && !file.set && !chosen[file.key]);
  if (!othersStay || open.length === 0) return null;
  chosen[group.files[0].key] ??= 'keep';
  for (const file of open) chosen[file.key] = 'remove';
  return isSound(group, chosen) ? chosen : null;
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
           has_own_companions, match, hard_links, companions, set} = file;
    return {path, path_bytes, size, mtime, checksum,
            is_keeper: is_keeper === true, is_reference, has_own_companions,
            match, choice: choices.of(group, file) || null, hard_links,
            companions, set};
  };
  const touched = groups.filter(group => choices.isTouched(group));
  return [JSON.stringify({
    schema: 'vam-analyze-choices/1',
    version: report.version,
    timestamp: report.timestamp,
    catalog: report.catalog,
    catalog_bytes: report.catalog_bytes,
    sources: report.sources,
    sources_bytes: report.sources_bytes,
    reference: report.reference,
    reference_bytes: report.reference_bytes,
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
