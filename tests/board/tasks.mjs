// What a MASH team does on its board, once: each task is done in every way of WAYS (tests/board/desk.mjs).
//   who    whose desk
//   needs  what there is before: given to does() as `it`
//   does   the task, as a person would tell it
import assert from 'node:assert/strict';
import { until } from './stage.mjs';

const red = (stage) => stage.concern({ child: stage.child(), rating: 'red' });
const green = (stage) => stage.concern({ child: stage.child(), rating: 'green' });
const blue = async (stage) => {
  const it = await red(stage);
  await stage.act('hc-3', it.alert, { rate: { rating: 'RATING_BLUE' } }, { reason: 'known, and worked on' });
  return it;
};
const claimed = (who) => async (stage) => {
  const it = await red(stage);
  await stage.act(who, it.alert, { claim: {} });
  return it;
};

async function openAlert(desk, it) {
  await desk.open(`/alert/${it.alert}`);
  await desk.reads(`Alert ${it.alert}`);
}

// The form of an act, from the alert's page.
async function begin(desk, it, act) {
  await openAlert(desk, it);
  await desk.follow(act, desk.main());
  await desk.look(`act ${act.source ?? act}`.replace(/[^\w ]/g, ''));
}

// Check your answers, and send.
async function check(desk, it, act, ...answers) {
  await desk.press('Continue');
  await desk.reads('Check your answers', ...answers);
  await desk.look(`check ${act}`);
  await desk.press(act);
  assert.equal(new URL(desk.page.url()).pathname, `/alert/${it.alert}`);
}

// A day and a time to come, as the partnership's clock has it. Summer or winter: some hours more or less do not matter here.
export function inDays(days) {
  return [new Date(Date.now() + days * 86400000).toISOString().slice(0, 10), '14:30'];
}

export const TASKS = {
  'sign in': {
    async does(desk) {
      await desk.page.goto('/');
      await desk.look('sign in');
      await desk.type('Name', 'hc-1');
      await desk.type('Password', 'not this one at all');
      await desk.press('Sign in');
      await desk.reads('There is a problem');
      assert.equal(await desk.page.getByLabel('Name').inputValue(), 'hc-1', 'the name is typed once');
      await desk.look('sign in wrong');
      await desk.type('Password', desk.stage.password);
      await desk.press('Sign in');
      await desk.reads('Unclaimed');
    },
  },

  'read the lists': {
    who: 'hc-1',
    needs: async (stage) => {
      const first = await red(stage);
      const middle = await stage.concern({ child: stage.child(), rating: 'amber', agency: 'health' });
      await stage.act('hc-3', middle.alert, { seen: {} });
      return { first, second: await green(stage) };
    },
    async does(desk, it) {
      await desk.open('/');
      for (const list of ['Mine', 'My team\'s', 'Waiting for an agency', 'Held', 'Closed', 'Unclaimed']) {
        await desk.follow(new RegExp(`^${list} \\(\\d+\\)$`));
        await desk.reads(new RegExp(`^${list} \\(\\d+\\)`));
        await desk.look(`list ${list}`);
      }
      const row = desk.page.getByRole('row').filter({ has: desk.link(it.first.alert) });
      const text = await desk.text(row);
      assert.match(text, /\d+ h \d+ min left, due \w+ \d+ \w+ \d{4} \d\d:\d\d (GMT|BST)/, 'time left, due when');
      assert.match(text, /Red provisional\s+by rule R-CC-HIGH/);
      assert.match(text, /Hampshire/);
      assert.match(text, /Nobody/);
      const order = await desk.page.locator('tr[data-row]').evaluateAll((rows) => rows.map((r) => r.dataset.row));
      assert.ok(order.indexOf(it.first.alert) < order.indexOf(it.second.alert), 'the earlier due comes first');
      await desk.follow(it.first.alert);
      await desk.reads(`Alert ${it.first.alert}`);
    },
  },

  'open an alert': {
    who: 'hc-1',
    needs: async (stage) => { // and what came last names one of its two children
      const it = await stage.concern({ child: stage.child(), sibling: stage.child(), rating: 'red' });
      await stage.do('again', { nhs: it.nhs });
      return it;
    },
    async does(desk, it) {
      await openAlert(desk, it);
      await desk.reads('Why am I seeing this?', 'R-CC-HIGH', 'Kim Example, born 1 Feb 2018', 'not yet decided', 'Clocks', 'Child concern');
      await desk.reads('Alex Example, born 1 Feb 2018', /\d\d:\d\d: \d+ h after \w+/);
      await desk.readsNot(/^Person \d+/m);
      await desk.look('alert');
      await desk.click(desk.page.locator('summary').filter({ hasText: 'All that was said' }).first());
      await desk.reads('Was seen without a coat in the rain');
      await desk.click(desk.page.locator('summary').filter({ hasText: 'How the hub decided' }));
      await desk.reads(`Alert ${it.alert} was opened`);
      await desk.look('alert opened');
    },
  },

  'mark it as seen and claim it': {
    who: 'hc-1',
    needs: red,
    async does(desk, it) {
      await openAlert(desk, it);
      await desk.press('Mark as seen');
      assert.equal(await desk.button('Mark as seen').count(), 0);
      await desk.press('Claim');
      await desk.reads('owner: Practitioner One (invented) (hc-1)', 'claimed it');
      await desk.follow('Lists');
      await desk.follow(/^Mine/);
      await desk.opensTo(new URL(desk.page.url()).pathname, desk.link(it.alert));
    },
  },

  'rate it': {
    who: 'hc-1',
    needs: claimed('hc-1'),
    async does(desk, it) {
      await begin(desk, it, 'Rate');
      await desk.press('Continue');
      await desk.reads('There is a problem', 'Choose: Rating');
      await desk.look('act Rate wrong');
      await desk.click(desk.link('Choose: Rating'));
      if (desk.hasScript) assert.equal(await desk.page.evaluate(() => document.activeElement.name), 'rating', 'the error leads to its input');
      await desk.choose('Amber');
      await desk.press('Continue');
      await desk.reads('Enter: Why');
      assert.ok(await desk.page.getByLabel('Amber').isChecked(), 'what was chosen is still there');
      await desk.type('Why', 'Spoke to the school;\nthe coat was lost & found.');
      await desk.press('Continue');
      await desk.reads('Check your answers', 'Amber', 'Spoke to the school;\nthe coat was lost & found.');
      await desk.press('Change something');
      assert.equal(await desk.page.getByLabel('Why').inputValue(), 'Spoke to the school;\nthe coat was lost & found.');
      await desk.choose('Green');
      await check(desk, it, 'Rate', 'Green', 'Spoke to the school;');
      await desk.reads('Green rated by Practitioner One (invented) (hc-1)', 'rated it green', 'Spoke to the school;');
    },
  },

  'decide about a child': {
    who: 'hc-4',
    needs: claimed('hc-4'),
    async does(desk, it) {
      await begin(desk, it, /^Decide about/);
      const who = `Kim Example, born 1 Feb 2018 (child) (person ${it.people[0]})`;
      await desk.reads(`About: ${who}`);
      await desk.readsNot('the adult was pointed', 'care and support needs');
      await desk.choose('information or advice was given');
      await desk.press('Continue');
      await desk.reads('There is a problem', `About: ${who}`);
      await desk.type('Why', 'The family asked for advice and has it.');
      await check(desk, it, 'Decide', new RegExp(`Person\\s+Kim Example, born 1 Feb 2018 \\(child\\) \\(person ${it.people[0]}\\)`), 'information or advice was given', 'The family asked for advice');
      await desk.reads(/Done\s+You decided: information or advice was given – Kim Example, born 1 Feb 2018/);
      await desk.look('alert decided');
    },
  },

  'ask an agency': {
    who: 'hc-1',
    needs: claimed('hc-1'),
    async does(desk, it) {
      await begin(desk, it, 'Ask an agency');
      assert.equal(await desk.page.getByRole('radio', { name: 'childrens-services' }).count(), 1, 'each agency is named once');
      await desk.choose('health');
      await desk.type('What you ask', 'Was the child seen this year?');
      await desk.when('By when', ...inDays(3));
      await check(desk, it, 'Ask an agency', 'health', 'Was the child seen this year?', /By when\s+\w{3} \d+ \w+ \d{4} 14:30 (GMT|BST)/);
      await desk.reads('An agency has been asked', 'asked health', 'Was the child seen this year?');
      await desk.follow('Alerts');
      await desk.follow(/^Waiting for an agency/);
      await desk.opensTo(new URL(desk.page.url()).pathname, desk.link(it.alert));
    },
  },

  'hold a Red with a second person, and go on': {
    who: 'hc-4',
    needs: claimed('hc-4'),
    async does(desk, it, deskOf) {
      await begin(desk, it, 'Hold');
      await desk.readsNot('Practitioner One (invented)'); // whose role holds nothing
      await desk.when('Until', ...inDays(2));
      await desk.choose(/^Senior Practitioner Three/);
      await desk.type('Why', 'The family is away until then; the school watches.');
      await check(desk, it, 'Hold', 'Senior Practitioner Three');
      await desk.reads(/· open ·/, 'asked a second person to agree to a hold – Senior Practitioner Three (invented) (hc-3)');

      const second = await deskOf('hc-3');
      await openAlert(second, it);
      await second.reads(/is asked to agree that it is held until \w{3} \d+ \w{3} \d{4} \d\d:\d\d \w+\. That is you/);
      await begin(second, it, 'Hold');
      await second.type('Why', 'Agreed: the school rings if the child comes.');
      await check(second, it, 'Hold', 'Agreed: the school rings');
      await second.reads(/· held until /, 'stopped by the hold');

      await desk.open(`/alert/${it.alert}`);
      await desk.reads(/· held until /, 'stopped by the hold');
      await desk.look('alert held');
      await desk.follow('End the hold');
      await desk.type('Why', 'They are back.');
      await check(desk, it, 'End the hold', 'They are back.');
      await desk.reads(/· open ·/);
    },
  },

  'give it back': {
    who: 'hc-1',
    needs: claimed('hc-1'),
    async does(desk, it) {
      await begin(desk, it, 'Give back');
      await desk.type('Why', 'I know the family.');
      await check(desk, it, 'Give back', 'I know the family.');
      await desk.reads('owner: nobody');
    },
  },

  'add a note': {
    who: 'hc-2',
    needs: red,
    async does(desk, it) {
      await begin(desk, it, 'Add a note');
      await desk.type('Note', 'Rang the school: nobody there before nine.');
      await check(desk, it, 'Add a note', 'Rang the school');
      await desk.reads('Rang the school: nobody there before nine.');
    },
  },

  'disagree with another team': {
    who: 'hc-1',
    needs: async (stage) => { // with a team that was told of it: one that was asked
      const it = await claimed('hc-1')(stage);
      await stage.act('hc-1', it.alert, { request_information: { agency: 'health', question: 'Is the mother known to you?' } });
      return it;
    },
    async does(desk, it) {
      await begin(desk, it, 'Disagree');
      await desk.pick(desk.page.getByLabel('With which team'), { label: 'Probation Service' });
      await desk.type('Your position', 'The mother needs an assessment of her own.');
      await desk.press('Continue');
      await desk.press('Disagree');
      await desk.reads('There is a problem', 'that team was not told of it');
      await desk.look('act Disagree refused');
      await desk.pick(desk.page.getByLabel('With which team'), { label: 'health services' });
      await desk.type('Your position', 'The mother needs an assessment of her own.');
      await desk.tick('Urgent: there is immediate risk');
      await check(desk, it, 'Disagree', 'The mother needs an assessment of her own.', 'yes');
      await desk.reads('Two teams disagree', 'ring 999');
      await desk.look('alert disputed');
      await desk.follow(/^D\d+$/);
      await desk.reads('Who disagrees', 'With whom', 'health', 'The mother needs an assessment of her own.');
      await desk.look('disagreement');
    },
  },

  'hand it over': {
    who: 'hc-1',
    needs: claimed('hc-1'),
    async does(desk, it, deskOf) {
      await begin(desk, it, 'Hand over');
      await desk.readsNot('Head Of Service'); // whose role takes nothing
      await desk.choose('Senior Practitioner Three (invented)');
      await check(desk, it, 'Hand over', 'Senior Practitioner Three');
      await desk.reads('You offered it to a colleague – Senior Practitioner Three (invented) (hc-3)');
      await desk.follow('Hand over', desk.page.getByRole('navigation', { name: 'Board' }));
      await desk.opensTo('/shift', 'Offered to Senior Practitioner Three (invented) (hc-3)');
      const row = desk.page.getByRole('row').filter({ has: desk.link(it.alert) });
      await desk.pick(row.getByLabel('Who is asked to take it'), 'hc-2');
      await desk.press(`Ask them to take ${it.alert}`);
      await desk.reads(new RegExp(`Done\\s+${it.alert} is offered to Practitioner Two`));
      await desk.look('shift');
      await desk.opensTo('/shift', 'Offered to Practitioner Two (invented) (hc-2)');
      const other = await deskOf('hc-2');
      await other.opensTo('/shift', other.button(`Accept ${it.alert}`));
      await other.press(`Accept ${it.alert}`);
      await other.reads(`${it.alert} is yours now`);
      await other.open(`/alert/${it.alert}`);
      await other.reads('owner: Practitioner Two (invented) (hc-2)');
    },
  },

  'look through the daily list and sign it': {
    who: 'hc-4',
    needs: blue,
    async does(desk, it) {
      const here = desk.page.locator('nav a').filter({ hasText: /^\s*Daily list \([1-9]\d*\)\s*$/ }); // it may be folded away
      await desk.opensTo('/', here);
      await desk.follow(/^Daily list \([1-9]\d*\)$/, desk.page.getByRole('navigation', { name: 'Board' }));
      await desk.reads(/Children's Reception Team, Hampshire and Isle of Wight \([1-9]\d*\)/, it.alert, 'rated blue: hc-3', 'police: child concern');
      await desk.look('daily list');
      await desk.press("Sign the list of Children's Reception Team, Hampshire and Isle of Wight");
      await desk.reads("Children's Reception Team, Hampshire and Isle of Wight (0)", /Signed last by .*\(hc-4\), \w+ \d+ \w+ \d{4} \d\d:\d\d/, 'Nothing stands on this list.');
      await desk.look('daily list signed');
      await openAlert(desk, it);
      await desk.reads(/· ended ·/, 'signed the daily list');
    },
  },

  'read the figures of a quarter': {
    who: 'hc-4',
    needs: green,
    async does(desk) {
      await desk.open('/');
      await desk.follow('Figures');
      await until('figures to be made', async () => { // by the lowest of priorities
        await desk.open('/figures');
        return desk.says("Children's Reception Team, Hampshire and Isle of Wight, Hampshire");
      }, 400);
      await desk.look('figures of now');
      await desk.pick(desk.page.getByLabel('Alerts that were opened'), await desk.page.locator('option').last().getAttribute('value'));
      await desk.press('Show');
      await desk.reads('Nothing was opened in this quarter for a team of yours.');
      await desk.look('figures of before');
    },
  },

  'look at how the hub does': {
    who: 'night-operator',
    needs: async (stage) => {
      await stage.do('refused', { child: stage.child() });
      return red(stage);
    },
    async does(desk) {
      await desk.opensTo('/operators', 'Clocks due in the next hour', 'Laggards', 'health is not connected', 'Events a minute', 'unknown area at field area', 'event accepted');
      await desk.look('operators');
      await desk.click(desk.page.locator('summary').first());
      await desk.page.getByRole('columnheader', { name: 'Accepted' }).waitFor();
      await desk.pick(desk.page.getByLabel('Agency'), 'police');
      await desk.pick(desk.page.getByLabel('Refused', { exact: true }), 'any');
      await desk.press('Filter the records');
      await desk.reads('refused: unknown area at field area');
      const rows = await desk.page.getByRole('region', { name: 'The newest records', exact: true }).locator('tbody tr')
        .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join(' ')));
      assert.ok(rows.length > 0 && rows.every((row) => /event refused/.test(row)), rows.join());
      await desk.look('operators refusals');
    },
  },

  'send it to another team': {
    who: 'hc-4',
    needs: red,
    async does(desk, it) {
      await begin(desk, it, 'Send to another team');
      await desk.pick(desk.page.getByLabel('To whom'), { label: 'Out-of-hours team, Hampshire' });
      await desk.type('Why', 'It cannot wait until morning.');
      await check(desk, it, 'Send to another team', 'Out-of-hours team, Hampshire');
    },
  },

  'record what is not shared': {
    who: 'hc-1',
    needs: claimed('hc-1'),
    async does(desk, it) {
      await begin(desk, it, 'Record that you do not share');
      await desk.choose('probation');
      await desk.type('Why', 'It would put the mother at risk.');
      await check(desk, it, 'Record that you do not share', 'probation');
      await desk.reads('It would put the mother at risk.');
    },
  },

  'find by an NHS number': {
    who: 'hc-1',
    needs: red,
    async does(desk, it) {
      await desk.open('/find');
      await desk.look('find');
      await desk.press('Find');
      await desk.reads('There is a problem');
      await desk.look('find wrong');
      await desk.type('Who or what', it.nhs);
      await desk.pick(desk.page.getByLabel('What for'), '3');
      await desk.press('Find');
      await desk.reads(it.alert);
      await desk.look('found');
    },
  },

  'find by name and birth date, of oneself': {
    who: 'hc-1',
    needs: red,
    async does(desk, it) {
      await desk.open('/find');
      await desk.type('Who or what', 'EXAMPLE kim 1/2/2018');
      await desk.tick('This is about myself or somebody in my own household');
      await desk.press('Find');
      await desk.reads(it.alert);
      await desk.reads('Kim Example, born 1/2/2018');
      await desk.reads('This look-up concerns your own household');
      await desk.look('found by name');
    },
  },

  'confirm a possible link of two long names': {
    who: 'hc-1',
    needs: async (stage) => {
      const family = 'Featherstonehaughwolfeschlegelsteinhausen-Cholmondeleymarjoribanks';
      const it = await stage.concern({ child: stage.child(), rating: 'red', family, given: 'Maximiliana-Theodosia Konstantinopolitania' });
      await stage.concern({ child: stage.child(), rating: 'green', agency: 'health', family, given: 'Max', numbered: false });
      return it;
    },
    async does(desk, it) {
      await begin(desk, it, 'Confirm a possible link');
      await desk.choose(/^Maximiliana-Theodosia Konstantinopolitania Featherstonehaugh\S+, born 1 Feb 2018 \(child\) \(person \d+\) and Max Feather/);
      await desk.choose(/^The same person/);
      await desk.type('Why', 'The health visitor knows both.');
      await check(desk, it, 'Confirm a possible link', /And person\s+Max Featherstonehaugh/, 'The same person');
      await desk.reads('You confirmed a possible link');
    },
  },

  'split a wrong link': {
    who: 'hc-1',
    needs: red,
    async does(desk, it) {
      await begin(desk, it, /^Not them/);
      await desk.type('Why', 'It is a cousin of the same name.');
      await check(desk, it, 'Split a wrong link', String(it.sequence));
      await desk.reads('It is a cousin of the same name.');
    },
  },

  'say what one reads for': {
    who: 'hc-1',
    async does(desk) {
      await desk.open('/purpose');
      await desk.look('purpose');
      await desk.choose('an audit of practice');
      await desk.press('Save');
      await desk.unfold(desk.link('an audit of practice'));
      await desk.link('an audit of practice').waitFor();
      await desk.follow('an audit of practice');
      await desk.choose('deciding about somebody at risk');
      await desk.press('Save');
    },
  },

  'print it': {
    who: 'hc-1',
    needs: red,
    async does(desk, it) {
      await openAlert(desk, it);
      await desk.follow('For printing');
      await desk.reads('Kim Example');
      await desk.look('print');
    },
  },

  'sign out': {
    who: 'hc-3',
    async does(desk) {
      await desk.open('/');
      await desk.press('Sign out');
      await desk.reads('Sign in');
      await desk.page.goto('/queue/unclaimed');
      assert.equal(new URL(desk.page.url()).pathname, '/sign-in', 'the back button shows nothing');
    },
  },
};
