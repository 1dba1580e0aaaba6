// What agencies and colleagues write is text, whatever it looks like: no script runs, nothing is fetched, nothing is hidden, nothing is lost. The desk
// itself fails on a dialog, a request elsewhere, or an error of the content security policy.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

// What the page shows in place of what could disguise the rest (html.h, X3).
const shown = (text) => text.replace(/[\u0001-\u0008\u000b-\u001f\u007f\u0080-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
const packed = (text) => text.replace(/\s+/g, ' ').trim();
const TYPED = '</textarea></main><script>alert(9)</script>\n"onmouseover="alert(9)\n<img src=x onerror=alert(9)> \u202egnp.exe &lt;b&gt; {{9}} %s';

async function opened(desk) {
  await desk.main().locator('details').evaluateAll((all) => all.forEach((details) => { details.open = true; }));
  return packed(await desk.page.locator('body').innerText());
}

// Whatever would react to a pointer or to the focus has had it.
async function provoke(desk) {
  await desk.page.evaluate(() => {
    for (const element of document.querySelectorAll('main *')) {
      for (const kind of ['mouseover', 'mouseenter', 'focus', 'click']) if (kind !== 'click' || !element.closest('a, button, summary')) element.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  });
}

play((story) => {
  story('every text of every kind of event stands on the page as it came', async (stage, at) => {
    const desk = await at('hc-3');
    const it = await stage.do('hostile', { child: stage.child() });
    assert.ok(it.events >= 10 && it.texts.length >= 100, `${it.events} events with ${it.texts.length} texts`);
    assert.deepEqual(it.refused.filter((path) => !/postcode|school_urn|\.area|identity_change|mapping/.test(path)), [], 'fields that the hub refuses have a form of their own');
    await desk.open(`/alert/${it.alert}`);
    const text = await opened(desk);
    const widths = await desk.main().locator('.board-said dd').evaluateAll((all) => all.map((one) => one.clientWidth));
    assert.ok(Math.min(...widths) >= 300, `what lies deepest is read in a column of ${Math.min(...widths)} px`);
    for (const wanted of it.texts) assert.ok(text.includes(packed(shown(wanted))), `missing: ${JSON.stringify(wanted)}`);
    assert.equal(await desk.main().locator('script, img, svg, iframe').count(), 0);
    assert.equal(await desk.page.locator('[onmouseover], [onerror], [onload]').count(), 0);
    await provoke(desk);
    await desk.look('hostile');
    await desk.follow('For printing');
    const printed = await opened(desk);
    for (const wanted of it.texts) assert.ok(printed.includes(packed(shown(wanted))), `not printed: ${JSON.stringify(wanted)}`);
    const narrow = await at('hc-3', '320 px');
    await narrow.open(`/alert/${it.alert}`);
    await opened(narrow);
    await narrow.look('hostile');
  });

  story('what a colleague types comes back as it was typed: on the form, on the page that asks to check, on the alert', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await stage.act('hc-1', alert, { claim: {} });
    await stage.act('hc-1', alert, { request_information: { agency: 'health', question: TYPED } });
    for (const [act, label, more] of [['Add a note', 'Note'], ['Rate', 'Why', () => desk.choose('Amber')], ['Hand over', 'Why (optional)', () => desk.choose('Practitioner Two (invented)')],
      ['Disagree', 'Your position', () => desk.pick(desk.page.getByLabel('With which team'), { label: 'health services' })]]) {
      await desk.open(`/alert/${alert}`);
      await desk.follow(act, desk.main());
      await more?.();
      await desk.type(label, TYPED);
      await desk.press('Continue');
      assert.ok((await desk.text()).includes(shown(TYPED)), `${act}: ${await desk.text()}`);
      await desk.press('Change something');
      assert.equal(await desk.page.getByLabel(label, { exact: true }).inputValue(), TYPED);
      await desk.press('Continue');
      await desk.press(act);
      await desk.reads(shown(TYPED));
    }
    assert.equal((await desk.text()).split('<script>alert(9)</script>').length - 1, 5);
    await provoke(desk);
    await desk.look('hostile typed');
  });

  story('a name of the roster, and what is typed at sign-in and in Find, are text too', async (stage, at) => {
    const desk = await at(null);
    await desk.page.goto('/sign-in');
    await desk.type('Name', '"><script>alert(7)</script>');
    await desk.type('Password', '"><script>alert(7)</script>');
    await desk.press('Sign in');
    assert.equal(await desk.page.getByLabel('Name').inputValue(), '"><script>alert(7)</script>');
    assert.equal(await desk.page.getByLabel('Password').inputValue(), '');
    await desk.signIn('hc-91');
    await desk.readsNot('alert(7)');
    await desk.page.getByText('Signed in as <script>alert(1)</script> (invented) (hc-91)').waitFor();
    await desk.open('/find');
    await desk.type('Who or what', '"><script>alert(7)</script>');
    await desk.press('Find');
    assert.equal(await desk.page.getByLabel('Who or what').inputValue(), '"><script>alert(7)</script>');
    await desk.look('hostile find');
  });

  story('no address makes a page say or do what it should not', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.open(`/alert/${alert}`);
    const evil = encodeURIComponent('"><script>alert(8)</script>');
    for (const path of [`/alert/${evil}`, `/queue/${evil}`, `/queue/unclaimed?page=${evil}`, `/act/${alert}/rate?version=${evil}&alert=${evil}`, `/act/${alert}/decide?person=${evil}`,
      `/act/D1/respond?alert=${evil}`, `/act/${alert}/${evil}`, `/item/${evil}`, `/assets/${evil}`, `/sign-in?why=${evil}`, '/assets/%2e%2e/%2e%2e/etc/passwd', '//evil.test/', '/alert/A1%00',
      '/queue/unclaimed?page=-1', '/queue/unclaimed?page=99999999999999999999', `/alert/A${'9'.repeat(60)}`]) {
      const answer = await desk.context.request.get(stage.url + path, { maxRedirects: 0 });
      assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
      assert.ok(!(await answer.text()).includes('<script>alert'), path);
      assert.doesNotMatch(answer.headers().location ?? '', /^(https?:)?\/\//, path);
      assert.match(answer.headers()['content-security-policy'], /default-src 'none'; script-src 'self'/, path);
    }
    for (const headers of [{ host: 'evil.test' }, { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' }]) {
      const answer = await desk.context.request.post(`/act/${alert}/claim/send`, { headers, data: 'version=0', maxRedirects: 0 });
      assert.ok([403, 421].includes(answer.status()), JSON.stringify(headers));
    }
    await desk.open(`/alert/${alert}`);
    await desk.reads('owner: nobody');
  });
});
