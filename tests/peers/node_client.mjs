// node_client.mjs PORT FILE... - sends each file's message by node-hl7-client and prints what is answered: "AA".
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const hl7 = createRequire(process.env.PEERS + '/node_modules/')('node-hl7-client');
const [port, ...files] = process.argv.slice(2);
const client = new hl7.Client({ host: '127.0.0.1' });
const next = () => outbound.sendMessage(new hl7.Message({ text: readFileSync(files.shift(), 'utf8') }));
const outbound = client.createConnection({ port: Number(port) }, (response) => {
  console.log(response.getMessage().get('MSA.1').toString());
  if (files.length === 0) process.exit(0);
  setImmediate(next); // it is ready for the next one only after this call
});
outbound.on('connect', next);
