// vam-analyze page: what the user chose, kept in this browser, and its exports.
'use strict';

// Choices hold for the keeper and the bytes that the user saw: they are kept as
// {group.key: {file.key: 'keep' | 'remove' | 'different'}}, see prepared().
const choices = (() => {
  const catalog = window.vamReport?.catalog ?? '';
  // Each group has an entry of its own, so that a choice writes no other, and
  // two tabs write over each other only in the same group. No JSON string
  // begins another one.
  const prefix = `vam-analyze: ${JSON.stringify(catalog)} `;
  // Where earlier pages kept all groups. It is only read: the entry of a group
  // holds, if there is one, even if nothing is chosen in it.
  const oldKey = 'vam-analyze ' + catalog;
  let old = new Map();  // of group.key
  const all = new Map();
  const unkept = new Set();  // of group.key: only this page has them
  let undoable = [];  // of [group.key, choices before]
  reload();

  /** Null if the entry is not there. */
  function entry(key) {
    let text = null;
    try {
      text = localStorage.getItem(key);
      const value = JSON.parse(text);
      if (value && typeof value === 'object') return value;
    } catch {}
    return text === null ? null : {};
  }

  function keptIds() {
    try {
      return Object.keys(localStorage).filter(key => key.startsWith(prefix))
          .map(key => key.slice(prefix.length));
    } catch {
      return [];
    }
  }

  function put(id, chosen) {
    if (chosen && Object.keys(chosen).length > 0) {
      all.set(id, chosen);
    } else {
      all.delete(id);
    }
  }

  /** Another tab may have changed it. */
  function refresh(id) {
    if (!unkept.has(id)) put(id, entry(prefix + id) ?? old.get(id));
  }

  function reload() {
    old = new Map(Object.entries(entry(oldKey) ?? {}));
    for (const id of new Set([...all.keys(), ...old.keys(), ...keptIds()])) {
      refresh(id);
    }
  }

  /** False if some will be lost with the page. */
  function write() {
    for (const id of unkept) {
      try {
        const chosen = all.get(id) ?? (old.has(id) ? {} : null);
        if (chosen) {
          localStorage.setItem(prefix + id, JSON.stringify(chosen));
        } else {
          localStorage.removeItem(prefix + id);
        }
        unkept.delete(id);
      } catch {}
    }
    return unkept.size === 0;
  }

  /** Takes a list of [group.key, choices], and changes no other group.
   *  Returns what was there, in the same form. */
  function replace(changes) {
    const before = [];
    for (const [id, chosen] of changes) {
      refresh(id);
      before.push([id, all.get(id)]);
      put(id, chosen);
      unkept.add(id);
    }
    return before;
  }

  function dropOld() {
    try {
      localStorage.removeItem(oldKey);
      old.clear();
    } catch {}
  }

  return {
    /** Takes over what another tab has changed; false if that is nothing of
     *  this catalog. `key` is null if the storage was emptied. */
    takeOver: key => {
      if (key === null || key === oldKey) {
        reload();
      } else if (key.startsWith(prefix)) {
        refresh(key.slice(prefix.length));
      } else {
        return false;
      }
      undoable = [];
      return true;
    },
    /** Anything else in the storage counts for nothing. */
    of: (group, file) => {
      const choice = all.get(group.key)?.[file.key];
      return ['keep', 'remove', 'different'].includes(choice) ? choice : '';
    },
    isTouched: group => all.has(group.key) &&
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
      reload();
      undoable.push(replace([...new Set([...all.keys(), ...keptIds()])].map(
          id => [id, null])));
      dropOld();
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
    get isEmpty() { return all.size === 0; },
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
