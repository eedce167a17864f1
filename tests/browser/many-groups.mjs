// 5,000 groups are no more elements than one screen of them.
import {assert, dataOf, inBrowser, makePage, writeData} from './lib.mjs';

const kGroups = 5000;
const kMostElements = 1500;

makePage();
const [template] = dataOf('page').groups;
const groups = [];
for (let n = 0; n < kGroups; ++n) {
  // The last one is the largest, in every way.
  const copies = n === kGroups - 1 ? 1000 : 2 + n % 3;
  const files = Array.from({length: copies}, (_, i) => ({
    ...template.files[i === 0 ? 0 : 1],
    path: `/photos/${n % 40}/${n}-${i}.jpg`,
    url: `file:///photos/${n % 40}/${n}-${i}.jpg`,
    size: 1000 + n,
  }));
  groups.push({...template, id: n.toString(16).padStart(16, '0'), files});
}
writeData('page', groups);

await inBrowser('page', async tab => {
  const elements = () => tab.evaluate(
      () => document.querySelectorAll('*').length);
  assert.match(await tab.textContent('#count'), /^5,000 groups/);
  assert.ok(await elements() < kMostElements);

  // By space, so that the large group is the first one.
  assert.match(await tab.textContent('.title'), /1,000 files/);
  // The list and the group scroll, and the page does not.
  assert.ok(await tab.evaluate(() => {
    const detail = document.getElementById('detail');
    return detail.scrollHeight > detail.clientHeight;
  }));
  assert.ok(await tab.evaluate(
      () => document.documentElement.scrollHeight <= innerHeight));
  await tab.click('text=More files');
  assert.match(await tab.textContent('.pager'), /26 to 49 of 1,000/);
  assert.ok(await elements() < kMostElements);

  await tab.focus('#list');
  await tab.keyboard.press('End');
  assert.equal(await tab.getAttribute('.row[aria-selected=true]',
      'aria-posinset'), '5000');
  assert.ok(await tab.locator('.row[aria-selected=true]').isVisible());
  assert.ok(await elements() < kMostElements);

  await tab.evaluate(() => { document.querySelector('#list').scrollTop = 1e5; });
  await tab.waitForFunction(() =>
    Number(document.querySelector('.row').getAttribute('aria-posinset')) > 1000);
  assert.ok(await elements() < kMostElements);

  await tab.click('#mark-all');
  assert.match(await tab.textContent('#says'), /5,000 groups/);

  // A single choice reads and writes its group only.
  await tab.focus('#list');
  await tab.keyboard.press('End');
  await tab.evaluate(() => {
    window.moved = 0;
    const {getItem, setItem} = Storage.prototype;
    Storage.prototype.getItem = function(key) {
      const value = getItem.call(this, key);
      window.moved += value?.length ?? 0;
      return value;
    };
    Storage.prototype.setItem = function(key, value) {
      window.moved += key.length + value.length;
      setItem.call(this, key, value);
    };
  });
  await tab.click('[data-index="1"] .choices .keep');
  const moved = await tab.evaluate(() => window.moved);
  assert.ok(moved > 0 && moved < 2000, `${moved} characters`);

  const chosen = await tab.textContent('#chosen');
  await tab.reload();
  assert.match(chosen, /files to remove/);
  assert.equal(await tab.textContent('#chosen'), chosen);

  // Another tab follows.
  const other = await tab.context().newPage();
  await other.goto(tab.url());
  await tab.click('#open-export');
  await tab.click('#forget');
  await other.waitForFunction(() => document.querySelector('#chosen')
      .textContent === 'Nothing chosen yet');
  await other.close();
});
