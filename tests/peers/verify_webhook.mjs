// verify_webhook.mjs - reads {headers, body, secrets} and prints for each secret whether npm's standardwebhooks believes the request.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const { Webhook } = createRequire(process.env.PEERS + '/node_modules/')('standardwebhooks');
const given = JSON.parse(readFileSync(0, 'utf8'));
const believes = (secret) => {
  try {
    new Webhook(secret).verify(given.body, given.headers);
    return true;
  } catch {
    return false;
  }
};
console.log(JSON.stringify(given.secrets.map(believes)));
