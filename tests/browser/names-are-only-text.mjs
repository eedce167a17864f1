// Names and metadata that look like a program are shown as they are: no script
// runs, and nothing is asked for.
import {assert, dataOf, fs, inBrowser, path, photo, analyze} from './lib.mjs';

const names = [
  '<img src=x onerror="document.title=1">.jpg',
  '<script>document.title=2</script>.jpg',
  '"\'><b onmouseover=alert(1)>&amp;.jpg',
  '\u2028\u2029</script><script>document.title=3</script>.jpg',
  'javascript:document.title=4;#?%2e.jpg',
  'new\nline\ttab\u202Egpj.jpg',
  '{{constructor}}__proto__.jpg',
];
photo('photos/a.jpg', 1, '--make', '<img src=y onerror=document.title=5>');
for (const name of names) {
  fs.mkdirSync('photos/__proto__', {recursive: true});
  // Slashes are no part of names.
  fs.copyFileSync('photos/a.jpg',
      'photos/__proto__/' + name.replaceAll('/', '\u2215'));
}
const raw = Buffer.concat([Buffer.from('photos/<i>'),
                           Buffer.from([0xff, 0xc3, 0x28]),
                           Buffer.from('.jpg')]);
fs.copyFileSync('photos/a.jpg', raw);
analyze('photos', '--html', 'page');

// All that is in the page's data is there, in ASCII and without a tag.
const text = fs.readFileSync('page/data.js', 'latin1');
assert.match(text, /^[\n -~]*$/);
assert.ok(!text.includes('<'));
const [group] = dataOf('page').groups;
assert.equal(group.files.length, names.length + 2);

await inBrowser('page', async tab => {
  const title = await tab.title();
  assert.deepEqual(tab.blocked, []);
  const shown = await tab.locator('.file h3').allTextContents();
  for (const name of names.slice(0, 3)) {
    assert.ok(shown.includes(name.replaceAll('/', '\u2215')), name);
  }
  assert.ok(shown.includes('new\\nline\\u{9}tab\\u{202e}gpj.jpg'));
  assert.match(await tab.locator('.file dl').first().textContent(),
      /<img src=y onerror=document.title=5>/);
  assert.equal(await tab.locator('#detail script, #detail b, #detail i').count(),
      0);

  // Mark them all, look at each in full, open all that opens.
  await tab.click('#space summary');
  await tab.click('#mark-all');
  await tab.click('#open-export');
  await tab.keyboard.press('Escape');
  await tab.keyboard.press('c');
  for (let n = 0; n < group.files.length; ++n) {
    await tab.waitForFunction(() => ['left', 'right'].every(side => {
      const image = document.getElementById('image-' + side);
      return image.complete && image.naturalWidth === 160;
    }));
    await tab.keyboard.press(']');
  }
  await tab.keyboard.press('Escape');
  await tab.reload();
  assert.match(await tab.textContent('#chosen'), /^8 files to remove/);
  assert.equal(await tab.title(), title);

  // The policy holds even if a tag got in.
  const ran = await tab.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'document.title = 6';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend',
        '<img src="https://example.invalid/x" onerror="document.title = 7">');
    await new Promise(resolve => setTimeout(resolve, 200));
    return document.title;
  });
  assert.equal(ran, title);
  assert.ok(tab.problems.length > 0);
  assert.ok(tab.problems.every(text => /Content Security Policy/.test(text)));
  tab.problems.length = 0;
  assert.deepEqual(tab.blocked, ['https://example.invalid/x']);
});
