// simple_client.mjs PORT FILE... - sends each file's message by simple-hl7, one after another, and prints what is answered: "AA".
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const hl7 = createRequire(process.env.PEERS + '/node_modules/')('simple-hl7');
const [port, ...files] = process.argv.slice(2);
const client = hl7.Server.createTcpClient({ host: '127.0.0.1', port: Number(port), keepalive: true, callback: (error, ack) => {
  if (error) { console.log(String(error)); process.exit(1); }
  console.log(ack.getSegment('MSA').getField(1));
  setImmediate(next); // it is ready for the next one only after this call
} });
const parser = new hl7.Parser({ segmentSeperator: '\r' });
function next() {
  const file = files.shift();
  if (file === undefined) process.exit(0);
  client.send(parser.parse(readFileSync(file, 'utf8')));
}
next();
