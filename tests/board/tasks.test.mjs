// Every task, in every way; MASHHUB_WAY: in this one.
import { after, before, describe, test } from 'node:test';
import { Desk, WAYS, closeBrowser } from './desk.mjs';
import { raise } from './stage.mjs';
import { TASKS } from './tasks.mjs';

let stage;
before(async () => { stage = await raise(); });
after(async () => {
  await closeBrowser();
  await stage.end();
});

for (const way of process.env.MASHHUB_WAY ? [process.env.MASHHUB_WAY] : Object.keys(WAYS)) {
  describe(`by way of ${way}`, () => {
    const desks = new Map();
    const deskOf = async (who) => {
      if (!desks.has(who)) {
        const desk = await Desk.at(stage, way);
        desks.set(who, desk);
        if (who !== undefined) await desk.signIn(who);
      }
      return desks.get(who);
    };
    after(() => Promise.all([...desks.values()].map((desk) => desk.leave())));

    for (const [name, task] of Object.entries(TASKS)) {
      test(`somebody can ${name}`, async () => {
        const it = await task.needs?.(stage);
        const desk = await deskOf(task.who);
        await task.does(desk, it, deskOf);
        desk.quiet();
      });
    }
  });
}
