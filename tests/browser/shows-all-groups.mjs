// The page opens from disk and shows every group, its keeper with the reason,
// and what differs; filters and the chart narrow it down.
import {assert, dataOf, inBrowser, makePage} from './lib.mjs';

makePage();
const {groups} = dataOf('page');
assert.equal(groups.length, 3);

await inBrowser('page', async tab => {
  const titles = () => tab.locator('.row b').allTextContents();
  assert.match(await tab.textContent('#count'), /^3 groups/);
  assert.deepEqual((await titles()).sort(),
      groups.map(group => group.files[0].path.split('/').pop()).sort());

  assert.match(await tab.textContent('#summary'), /; up to .* could be freed/);

  // Sorted by space.
  const space = group => group.files.filter(file => file.redundant)
      .reduce((sum, file) => sum + file.size, 0);
  const [largest] = [...groups].sort((a, b) => space(b) - space(a));
  assert.equal((await titles())[0], largest.files[0].path.split('/').pop());

  await tab.fill('#path', '/beach');
  assert.deepEqual(await titles(), ['beach.jpg']);
  const cards = tab.locator('.file');
  assert.equal(await cards.count(), 3);
  assert.match(await cards.nth(0).textContent(), /keeper: \S+/);
  assert.match(await cards.nth(1).textContent(), /exact.*same|exact/);
  assert.equal(await cards.nth(1).locator('.differs').count(), 0);
  const differs = await cards.nth(2).locator('.differs dt').allTextContents();
  for (const fact of ['Size', 'Pixels', 'Taken', 'Camera']) {
    assert.ok(differs.includes(fact), fact);
  }
  assert.equal(await cards.nth(0).locator('.differs').count(), 0);

  // Thumbnails are there, in colour.
  const loaded = await tab.evaluate(async () => {
    const images = [...document.querySelectorAll('.picture img')];
    await Promise.all(images.map(image => image.decode()));
    return images.map(image => [image.naturalWidth, image.naturalHeight]);
  });
  assert.deepEqual(loaded, [[320, 240], [320, 240], [320, 240]]);

  await tab.fill('#path', '');
  for (const [kind, count] of [['exact', 0], ['same-image', 2],
                               ['similar', 1]]) {
    await tab.selectOption('#kind', kind);
    assert.equal(await tab.locator('.row').count(), count, kind);
    if (count === 0) continue;
    // In the words of the text report.
    assert.match(await tab.textContent('.title'), kind === 'similar' ?
        /, up to [\d.]+ KiB could be freed/ : /, [\d.]+ KiB could be freed/);
  }
  assert.match(await tab.textContent('#count'), /^1 of 3 groups/);
  await tab.click('[type=reset]');
  await tab.locator('.row').nth(2).waitFor();

  await tab.fill('#frees', '1000');
  assert.equal(await tab.locator('.row').count(), 0);
  assert.match(await tab.textContent('#detail'), /No group passes/);
  await tab.fill('#frees', '');
  const alike = group => Math.min(...group.files.map(file => file.similarity));
  const least = Math.min(...groups.map(alike));
  await tab.fill('#alike-to', String(100 * least));
  assert.equal(await tab.locator('.row').count(),
      groups.filter(group => alike(group) === least).length);
  await tab.fill('#alike-from', '100');
  await tab.fill('#alike-to', '99');
  assert.equal(await tab.locator('.row').count(), 0);
  await tab.click('[type=reset]');
  await tab.locator('.row').nth(2).waitFor();

  // The chart: a bar for each folder, which narrows the list down to it.
  await tab.click('#space summary');
  const bars = tab.locator('#bars button');
  assert.deepEqual((await bars.locator('.name').allTextContents()).sort(),
      ['2023', 'phone']);
  await bars.filter({hasText: '2023'}).click();
  assert.deepEqual((await titles()).sort(), ['beach.jpg', 'town.jpg']);
  await tab.locator('#crumbs button').first().click();
  assert.equal(await tab.locator('.row').count(), 3);

  // Choices are a filter, too.
  await tab.click('text=Accept');
  await tab.selectOption('#state', 'done');
  assert.equal(await tab.locator('.row').count(), 1);
  await tab.selectOption('#state', 'open');
  assert.equal(await tab.locator('.row').count(), 2);
});
