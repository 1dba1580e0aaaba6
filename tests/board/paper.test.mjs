// The same pages by other means: on paper, in the reader's own colours, in large letters.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { play } from './play.mjs';

play((story) => {
  story('a printed alert has all that was said, and nothing to press', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await stage.act('hc-1', alert, { note: { text: 'Rang the school.' } });
    await desk.open(`/alert/${alert}/print`);
    await desk.page.emulateMedia({ media: 'print' });
    for (const what of ['Was seen without a coat in the rain', 'Rang the school.', 'Kim Example', `Alert ${alert} was opened`, 'left, due']) {
      assert.ok(await desk.main().getByText(what).first().isVisible(), `${what} is not printed`);
    }
    for (const what of [desk.page.getByRole('navigation'), desk.page.getByRole('button'), desk.page.getByText('Signed in as'), desk.link('Rate'), desk.link('Lists')]) {
      for (const one of await what.all()) assert.ok(!await one.isVisible(), `${one} is printed`);
    }
    const folded = await desk.main().locator('details').evaluateAll((all) => all.filter((details) => !details.open && details.offsetHeight < 30).length);
    assert.equal(folded, 0, 'nothing can be unfolded on paper');
    await desk.page.pdf({ path: join(process.env.MASHHUB_PICTURES, 'print.pdf') });
    const audited = await stage.do('audited');
    assert.deepEqual(audited.filter((read) => read.item === alert).map((read) => `${read.read} for ${read.on_behalf_of}`),
      ['explain for hc-1', 'print for hc-1'], 'printing is a read of its own');
  });

  story('every printed page says from which board it is, for whom and as of when', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    for (const path of [`/alert/${alert}/print`, '/queue/mine', '/daily', '/shift', '/told', '/find']) {
      await desk.open(path);
      await desk.page.emulateMedia({ media: 'print' });
      await desk.page.getByText(/^Hampshire MASH, printed for Practitioner One \(invented\) \(hc-1\), as it stood at \w{3} \d+ \w{3} \d{4} \d\d:\d\d/).waitFor();
      await desk.page.emulateMedia({ media: 'screen' });
    }
  });

  story('a printed list says as of when it is, and holds neither addresses nor anything to press', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.open('/queue/unclaimed');
    const asOf = desk.page.getByText(/as it stood at \w{3} \d+ \w{3} \d{4} \d\d:\d\d/);
    assert.ok(!await asOf.isVisible(), 'on a screen it is as it stands');
    await desk.page.emulateMedia({ media: 'print' });
    assert.ok(await asOf.isVisible());
    for (const what of [desk.page.getByRole('navigation'), desk.page.getByRole('button')]) {
      for (const one of await what.all()) assert.ok(!await one.isVisible(), `${one} is printed`);
    }
    assert.equal(await desk.link(alert).evaluate((link) => getComputedStyle(link, '::after').content), 'none');
  });

  story('in one\'s own colours the list that is open is marked', async (stage, at) => {
    const desk = await at('hc-1');
    await desk.open('/queue/unclaimed');
    await desk.page.emulateMedia({ forcedColors: 'active' });
    const marked = await desk.page.locator('.moj-sub-navigation__link').evaluateAll((links) =>
      links.filter((link) => getComputedStyle(link).textDecorationLine === 'underline').map((link) => link.getAttribute('aria-current')));
    assert.deepEqual(marked, ['page']);
  });

  for (const [name, media] of [['own colours', { forcedColors: 'active' }], ['the dark', { colorScheme: 'dark' }], ['less motion', { reducedMotion: 'reduce' }]]) {
    story(`ratings are words in ${name} too, and the focus is seen`, async (stage, at) => {
      const desk = await at('hc-1', 'keyboard');
      await desk.page.emulateMedia(media);
      const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
      await desk.open(`/alert/${alert}`);
      await desk.open('/queue/unclaimed');
      await desk.reach(desk.link(alert));
      await desk.page.getByText('Red', { exact: true }).first().waitFor();
      await desk.obeys(name);
    });
  }

  const LARGER = { 'letters of twice the size': 'html { font-size: 200%; }', // 1.4.4, 1.4.12
    'letters and lines far apart': '* { letter-spacing: .12em !important; line-height: 1.5 !important; word-spacing: .16em !important; } p { margin-bottom: 2em !important; }' };
  for (const [name, css] of Object.entries(LARGER)) {
    story(`${name} run over no edge`, async (stage, at) => {
      const desk = await at('hc-1');
      const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
      for (const path of [`/alert/${alert}`, '/queue/unclaimed', `/act/${alert}/rate?version=0`, '/find', '/shift']) {
        await desk.open(path);
        const wide = await desk.page.evaluate((rules) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(rules);
          document.adoptedStyleSheets = [sheet];
          return document.documentElement.scrollWidth - document.documentElement.clientWidth;
        }, css);
        assert.ok(wide <= 0, `${path}: ${wide} px run over the edge`);
      }
    });
  }

  story('the first Tab leads past the navigation', async (stage, at) => {
    const desk = await at('hc-1', 'keyboard');
    await desk.open('/queue/unclaimed');
    await desk.page.keyboard.press('Tab');
    const skip = desk.link('Skip to main content');
    assert.ok(await skip.evaluate((element) => element === document.activeElement));
    assert.ok(await skip.isVisible());
    await desk.page.keyboard.press('Enter');
    await desk.page.keyboard.press('Tab');
    assert.ok(await desk.main().evaluate((main) => main.contains(document.activeElement)));
  });
});
