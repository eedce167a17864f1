// Two files over each other: the same part at any zoom, turned alike, and what
// differs is bright.
import {analyze, assert, dataOf, fs, inBrowser, photo} from './lib.mjs';

photo('photos/a.jpg', 1, '--size', '640x480', '--quality', '95', '--make', 'K');
photo('photos/small.jpg', 1, '--size', '320x240', '--quality', '95');
photo('photos/ball.jpg', 1, '--size', '640x480', '--quality', '95', '--ball',
      '50');
analyze('photos', '--html', 'page', '--bursts', 'as-similar');
const [group] = dataOf('page').groups;

await inBrowser('page', async tab => {
  const pixels = async () => {
    // What a user would see, decoded by the browser in a page of its own.
    const png = (await tab.locator('#stage').screenshot()).toString('base64');
    const reader = await tab.context().newPage();
    const green = await reader.evaluate(async data => {
      const image = new Image();
      image.src = 'data:image/png;base64,' + data;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const values = context.getImageData(0, 0, image.width, image.height).data;
      const greens = [];
      for (let i = 0; i < values.length; i += 4) greens.push(values[i + 1]);
      const mean = sum => sum / greens.length;
      return {mean: mean(greens.reduce((sum, green) => sum + green)),
              bright: mean(greens.filter(green => green > 128).length)};
    }, png);
    await reader.close();
    return green;
  };
  const loaded = () => tab.waitForFunction(() =>
    ['left', 'right'].every(side =>
      document.getElementById('image-' + side).naturalWidth > 0 &&
      document.getElementById('image-' + side).complete));
  const boxes = () => tab.locator('.box').evaluateAll(all => all.map(box => {
    const pane = box.parentElement.getBoundingClientRect();
    const area = box.getBoundingClientRect();
    return [(area.x - pane.x) / area.width, area.width / pane.width];
  }));

  const index = name => group.files.findIndex(
      file => file.path.endsWith(name));
  await tab.keyboard.press('c');
  await loaded();
  assert.equal(await tab.getAttribute('#image-left', 'src'),
      group.files[0].url);

  // The same part of both.
  for (const key of ['+', '+', '+', 'ArrowLeft', 'ArrowUp']) {
    await tab.keyboard.press(key);
  }
  const [left, right] = await boxes();
  assert.deepEqual(left, right);
  assert.ok(left[1] > 1.5);
  await tab.keyboard.press('1');
  assert.equal(await tab.locator('.box').first().evaluate(
      box => Math.round(box.getBoundingClientRect().width)), 640);
  await tab.keyboard.press('0');
  assert.equal(await tab.textContent('#zoom'), '100 %');

  // What differs, by what the screen shows.
  await tab.check('[value=difference]');
  const other = {};
  for (const [n, file] of group.files.entries()) {
    if (n === 0) continue;
    await tab.selectOption('#right', {index: n});
    await loaded();
    other[file.path.split('/').pop()] = await pixels();
  }
  assert.deepEqual(Object.keys(other).sort(), ['ball.jpg', 'small.jpg']);
  // Edges are a little brighter when the size differs.
  assert.ok(other['ball.jpg'].bright > 2 * other['small.jpg'].bright,
      JSON.stringify(other));
  await tab.selectOption('#right', {index: 0});
  await loaded();
  assert.ok((await pixels()).mean < 0.01);

  // A picture that is gone is shown by its thumbnail.
  await tab.keyboard.press('Escape');
  fs.rmSync(group.files[0].path);
  await tab.reload();
  await tab.keyboard.press('c');
  await tab.waitForFunction(() => document.getElementById('image-left').src
      .includes('/.thumbs/'));
  assert.match(await tab.textContent('#caption-left'), /thumbnail/);
  tab.problems = tab.problems.filter(text => !/ERR_FILE_NOT_FOUND/.test(text));
});
