// fhir_client.mjs URL TOKEN FILE... - posts each file's resource by fhir-kit-client, and prints what it reads of the answer: "202 OperationOutcome
// information".
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const { Client } = await import(pathToFileURL(process.env.PEERS + '/node_modules/fhir-kit-client/dist/index.js'));
const [baseUrl, token, ...files] = process.argv.slice(2);
const client = new Client({ baseUrl, bearerToken: token });
const told = (status, body) => {
  const [issue] = body.issue;
  console.log(`${status} ${body.resourceType} ${issue.severity}${issue.severity === 'error' ? ' ' + issue.diagnostics : ''}`);
};
for (const file of files) {
  const body = JSON.parse(readFileSync(file, 'utf8'));
  try {
    const answer = body.resourceType === 'Bundle' ? await client.batch({ body }) : await client.create({ resourceType: body.resourceType, body });
    told(Client.httpFor(answer).response.status, answer);
  } catch (error) {
    if (error.response === undefined) throw error;
    told(error.response.status, error.response.data);
  }
}
