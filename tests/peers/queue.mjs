// queue.mjs - an SQS queue behind an SNS topic (fauxqs, on loopback alone), and AWS's own clients of both, told what to do by lines on standard
// input: "publish TEXT" by the topic, "send TEXT" to the queue itself, "left" prints how many messages the queue still has, shown or not.
import readline from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const peers = createRequire(process.env.PEERS + '/node_modules/');
const { buildApp } = await import(pathToFileURL(process.env.PEERS + '/node_modules/fauxqs/dist/app.js'));
const sqs = peers('@aws-sdk/client-sqs');
const sns = peers('@aws-sdk/client-sns');

const app = buildApp({ logger: false });
await app.listen({ port: 0, host: '127.0.0.1' });
const port = app.server.address().port;
const about = { region: 'eu-west-2', endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } };
const queues = new sqs.SQSClient(about);
const topics = new sns.SNSClient(about);
const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: 'mash' }));
const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: 'events' }));
const { Attributes } = await queues.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
await topics.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes.QueueArn }));
console.log(`${QueueUrl} http://127.0.0.1:${port}/`);

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [what, text] = [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)];
  if (what === 'publish') await topics.send(new sns.PublishCommand({ TopicArn, Message: text }));
  if (what === 'send') await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: text }));
  if (what === 'left') {
    const { Attributes: a } = await queues.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    console.log(Number(a.ApproximateNumberOfMessages) + Number(a.ApproximateNumberOfMessagesNotVisible));
  } else {
    console.log('done');
  }
}
process.exit(0);
