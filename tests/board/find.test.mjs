// One box for whatever somebody has in hand: how it may be written, what is said of what cannot be, and what is recorded of each look.
import assert from 'node:assert/strict';
import { play } from './play.mjs';

const UPN = 'T20110001804V';

async function find(desk, text) {
  await desk.open('/find');
  await desk.type('Who or what', text);
  await desk.press('Find');
}

play((story) => {
  story('a child is found by every number, name and day, as people write them', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'red', upn: UPN });
    const digits = it.nhs.replace(/\s/g, '');
    const desk = await at('hc-1');
    for (const text of [
      digits, `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`, `${digits.slice(0, 3)}-${digits.slice(3, 6)}-${digits.slice(6)}`, `  ${digits} `,
      UPN, UPN.toLowerCase(), 'T201 1000 1804 V',
    ]) {
      await find(desk, text);
      await desk.reads('1 record', it.alert);
    }
    for (const text of ['Example 1/2/2018', 'kim example 01/02/2018', 'Kim EXAMPLE', '1/2/2018', '01/02/2018', '2018-02-01']) {
      await find(desk, text);
      await desk.reads('1 record', it.alert, 'Kim Example, born 1/2/2018'); // several may have a name or a day: who it is stands there
    }
    for (const text of [it.alert, it.alert.toLowerCase(), ` ${it.alert} `]) {
      await find(desk, text);
      assert.equal(new URL(desk.page.url()).pathname, `/alert/${it.alert}`);
    }
  });

  story('what cannot be looked for is said, with what to write, and stays in the box', async (stage, at) => {
    const desk = await at('hc-1', '320 px');
    for (const [text, words] of [
      ['', 'Enter who or what you look for'],
      ['31/2/2020 ', 'Enter a birth date that is a real day'],
      ['999 000 001', 'An NHS number has 10 digits'],
      ['9990000019', "nobody's NHS number"], // its last digit does not check
      ['T20110001805V', "nobody's UPN"], // likewise its first letter
      ['01632 960123', 'An NHS number has 10 digits, and this has 11'],
    ]) {
      await find(desk, text);
      assert.equal(desk.status, 422, text);
      await desk.reads('There is a problem', words);
      assert.equal(await desk.page.getByLabel('Who or what').inputValue(), text.trim() === '' ? '' : text);
      await desk.look('find refused');
    }
  });

  story('nobody of that number is not "nothing is known"', async (stage, at) => {
    const desk = await at('hc-1');
    await find(desk, 'R201100018042');
    await desk.reads('0 records', 'That does not mean that nothing is known: ask the agencies');
  });

  story('each look is recorded, with its purpose and whether it was of one\'s own household, before anything is shown', async (stage, at) => {
    const it = await stage.concern({ child: stage.child(), rating: 'green' });
    const desk = await at('hc-2');
    await desk.open('/find');
    await desk.type('Who or what', it.nhs);
    await desk.pick(desk.page.getByLabel('What for'), '3');
    await desk.tick('This is about myself or somebody in my own household');
    await desk.press('Find');
    const [newest] = await stage.do('audited');
    const { sequence, sequences, time_ms, ...told } = newest;
    assert.deepEqual(told, { on_behalf_of: 'hc-2', peer: 'board', read: 'find', item: 'nhs', purpose: 'supervision', own: true });
    assert.deepEqual(sequences, [it.sequence]);
    assert.ok(!JSON.stringify(newest).includes(it.nhs.replace(/\s/g, '')));
    await desk.press('What else is known of this person'); // wider, and as they said of the first
    const [wider] = await stage.do('audited');
    assert.ok(wider.sequence > sequence);
    assert.deepEqual([wider.on_behalf_of, wider.purpose, wider.own], ['hc-2', 'supervision', true]);
  });
});
