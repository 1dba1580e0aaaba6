// The board is killed, the hub is away or slow, a session ends: nothing that was typed is lost, nothing is done twice, and the page says what is.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const NOTE = 'Rang the school twice;\nnobody there before "nine" & <later>.';

async function listen(desk) {
  await Promise.all([desk.page.waitForResponse((r) => new URL(r.url()).pathname === '/live'), desk.open('/queue/unclaimed')]);
}

// As far as the page that asks to check; the hub is there so far.
async function writeNote(desk, alert, text = NOTE) {
  await desk.open(`/alert/${alert}`);
  await desk.follow('Add a note');
  await desk.type('Note', text);
  await desk.press('Continue');
  await desk.reads('Check your answers');
}

const count = async (desk, text) => (await desk.text()).split(text).length - 1;

play((story) => {
  story('a board that is killed and started again keeps who is signed in, and its lists', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.open(`/alert/${alert}`);
    await listen(desk);
    await desk.link(alert).waitFor();
    await stage.do('saved', { since: desk.signedInAt });
    await stage.do('board', { how: 'kill' });
    await desk.main().getByText('Updates are interrupted').waitFor();
    const late = await stage.concern({ child: stage.child(), rating: 'green' });
    await stage.do('board', { how: 'start' });
    await desk.link(late.alert).waitFor(); // the browser tries again every few seconds
    await desk.link(alert).waitFor();
    await desk.main().getByText('Updates are interrupted').waitFor({ state: 'hidden' });
    await desk.open(`/alert/${late.alert}`);
    await desk.reads(`Alert ${late.alert}`);
  });

  story('a list whose stream falls silent says that it may be old, and goes on when the board is heard again', async (stage, at) => {
    const desk = await at('hc-1');
    await desk.page.clock.install();
    await listen(desk);
    await stage.do('board', { how: 'pause' }); // the connection stays: nothing tells the browser
    await desk.page.clock.fastForward('01:00');
    await desk.main().getByText('Updates are interrupted: this list may be old.').waitFor();
    await stage.do('board', { how: 'go_on' });
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.page.clock.fastForward('01:00'); // it tries again
    await desk.link(alert).waitFor();
    await desk.main().getByText('Updates are interrupted').waitFor({ state: 'hidden' });
  });

  story('who beats is not taken for silent', async (stage, at) => {
    const desk = await at('hc-1');
    await desk.page.clock.install();
    await listen(desk);
    await desk.page.clock.fastForward('00:25');
    await desk.page.evaluate(() => new Promise((heard) => { // two beats here are one at least in the list's own stream
      const stream = new EventSource('/live');
      let beats = 0;
      stream.addEventListener('beat', () => { if (++beats === 2) { stream.close(); heard(); } });
    }));
    await desk.page.clock.fastForward('00:25');
    await desk.readsNot('Updates are interrupted');
  });

  story('while the hub is away the lists say so, and what is typed is sent once when it is there again', async (stage, at) => {
    const desk = await at('hc-1'), watcher = await at('hc-2');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    const operator = await at('night-operator');
    await Promise.all([operator.page.waitForResponse((r) => new URL(r.url()).pathname === '/operators/live'), operator.open('/operators')]);
    await watcher.open(`/alert/${alert}`);
    await listen(watcher);
    await writeNote(desk, alert);
    await stage.do('hub', { how: 'stop' });
    const old = operator.main().getByText('cut off from the hub');
    await old.waitFor();
    const reloaded = await operator.context.newPage();
    await reloaded.goto(stage.url + '/operators');
    assert.match(await reloaded.locator('main').innerText(), /systemctl status mashhubd/);
    assert.doesNotMatch(await reloaded.locator('main').innerText(), /ring 999|duty manager/);
    const away = watcher.page.getByRole('region', { name: 'The hub is away' });
    await away.waitFor();
    await watcher.reads('Unclaimed');
    await watcher.look('hub away');

    const since = Date.now() / 1000;
    await desk.press('Add a note');
    assert.equal(desk.status, 503);
    await desk.reads('Not sent yet', NOTE);
    await desk.look('not sent');
    await stage.do('saved', { since });
    await stage.do('board', { how: 'kill' });
    await stage.do('board', { how: 'begin' });
    await desk.page.goto(`/alert/${alert}`);
    await desk.readsNot(NOTE);

    await stage.do('hub', { how: 'start' });
    await stage.do('wait');
    await away.waitFor({ state: 'detached' });
    await old.waitFor({ state: 'hidden' });
    await operator.leave();
    await desk.open(`/alert/${alert}`);
    await desk.follow(/^Add a note/);
    await desk.reads('Not sent yet', NOTE);
    await desk.press('Send it again');
    await desk.reads(`Alert ${alert}`, NOTE);
    assert.equal(await count(desk, NOTE), 1);
    await desk.follow('Add a note');
    assert.equal(await desk.page.getByLabel('Note').inputValue(), '', 'what was sent is not offered again');
  });

  story('an act that the hub did, but could not answer for in time, is not done a second time', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await writeNote(desk, alert);
    await stage.do('hub', { how: 'pause' });
    await desk.press('Add a note');
    await desk.reads('Not sent yet', NOTE);
    await stage.do('hub', { how: 'go_on' });
    await desk.opensTo(`/alert/${alert}`, NOTE); // it was done
    await desk.follow(/^Add a note/);
    await desk.press('Send it again');
    assert.equal(await count(desk, NOTE), 1);
  });

  story('the longest text is kept too', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    const position = 'é\n'.repeat(5000); // 15,000 bytes, and three times that on its way
    await desk.open(`/act/${alert}/dispute?version=0`);
    await desk.pick(desk.page.getByLabel('With which team'), { label: 'health services' });
    await desk.type('Your position', position);
    await desk.press('Continue');
    await stage.do('hub', { how: 'stop' });
    await desk.press('Disagree');
    await desk.reads('Not sent yet');
    await desk.open(`/act/${alert}/dispute?version=0`);
    await desk.press('Change something');
    assert.equal(await desk.page.getByLabel('Your position').inputValue(), position);
  });

  story('a session that ends is warned of, and can be stayed in', async (stage, at) => {
    const desk = await at('hc-1');
    await desk.page.clock.install();
    await desk.open('/queue/unclaimed');
    await desk.page.locator('h1').evaluate((h) => { h.tabIndex = -1; h.focus(); });
    await stage.do('later', { minutes: 26 });
    await desk.page.clock.fastForward('26:00');
    await desk.page.getByRole('region', { name: 'Your session' }).getByText('Your session ends in 4 min').waitFor();
    assert.equal(await desk.page.evaluate(() => document.activeElement.tagName), 'H1', 'the focus has moved');
    await desk.look('session ends');
    await desk.button('Stay signed in').click();
    await desk.page.getByRole('region', { name: 'Your session' }).waitFor({ state: 'detached' });
    await stage.do('later', { minutes: 50 });
    await desk.open('/queue/mine');
    await desk.reads('Mine');
  });

  story('what is sent after the session has ended is there again when its owner has signed in, and for nobody else', async (stage, at) => {
    const desk = await at('hc-1');
    const { alert } = await stage.concern({ child: stage.child(), rating: 'red' });
    await desk.open(`/alert/${alert}`);
    await desk.follow('Add a note');
    await desk.type('Note', NOTE);
    await stage.do('later', { minutes: 90 });
    await desk.press('Continue');
    await desk.reads('Your session has ended', 'Sign in');
    await desk.look('session ended');
    await desk.type('Name', 'hc-2');
    await desk.type('Password', stage.password);
    await desk.press('Sign in');
    await desk.reads('Unclaimed');
    await desk.open(`/act/${alert}/note?version=0`);
    assert.equal(await desk.page.getByLabel('Note').inputValue(), '');
    await desk.press('Sign out');

    await desk.page.goto('/sign-in?why=typed');
    await desk.type('Name', 'hc-1');
    await desk.type('Password', stage.password);
    await desk.press('Sign in');
    assert.equal(new URL(desk.page.url()).pathname, `/act/${alert}/note`);
    assert.equal(await desk.page.getByLabel('Note').inputValue(), NOTE);
    await desk.press('Continue');
    await desk.press('Add a note');
    await desk.reads(`Alert ${alert}`, NOTE);
  });
});
