import type { FieldSchema, MessageSchema } from '../../../kube/schema.js';
import { ATOMIC, coreMessage, field, POINTER, REQUIRED, type FieldTraits } from '../../schema-fields.js';

const execActionSchema = coreMessage('ExecAction', 'A command that is run in the container.', [
  field('command', 1, 'string', 'The program and its arguments; no shell.', ATOMIC),
]);

const httpHeaderSchema = coreMessage('HTTPHeader', 'One header of a request.', [
  field('name', 1, 'string', 'Its name.', REQUIRED),
  field('value', 2, 'string', 'Its value.', REQUIRED),
]);

const httpGetActionSchema = coreMessage('HTTPGetAction', 'A request over HTTP.', [
  field('path', 1, 'string', 'The path.'),
  field('port', 2, 'intOrString', 'The port, or the name of a port of the container.', REQUIRED),
  field('host', 3, 'string', 'The host; the address of the pod when empty.'),
  field('scheme', 4, 'string', 'HTTP or HTTPS.'),
  field('httpHeaders', 5, httpHeaderSchema, 'Headers of the request.', ATOMIC),
]);

const tcpSocketActionSchema = coreMessage('TCPSocketAction', 'A connection over TCP.', [
  field('port', 1, 'intOrString', 'The port, or the name of a port of the container.', REQUIRED),
  field('host', 2, 'string', 'The host; the address of the pod when empty.'),
]);

const grpcActionSchema = coreMessage('GRPCAction', 'A health check over gRPC.', [
  field('port', 1, 'int32', 'The port.', REQUIRED),
  field('service', 2, 'string', 'The service that is asked for.', { pointer: true, always: true }),
]);

const sleepActionSchema = coreMessage('SleepAction', 'A pause.', [field('seconds', 1, 'int64', 'How long.', REQUIRED)]);

/** What can be done to a container from outside. */
function actions(traits: FieldTraits): readonly FieldSchema[] {
  return [
    field('exec', 1, execActionSchema, 'Runs a command.', traits),
    field('httpGet', 2, httpGetActionSchema, 'Sends a request over HTTP.', traits),
    field('tcpSocket', 3, tcpSocketActionSchema, 'Opens a connection.', traits),
  ];
}

/** core/v1 Probe. */
export const probeSchema: MessageSchema = coreMessage('Probe', 'How a container is looked at from time to time.', [
  ...actions({ pointer: true, embeddedIn: 1 }),
  field('grpc', 4, grpcActionSchema, 'Asks for its health over gRPC.', { pointer: true, embeddedIn: 1 }),
  field('initialDelaySeconds', 2, 'int32', 'Seconds after the start of the container until the first look.'),
  field('timeoutSeconds', 3, 'int32', 'Seconds until a look counts as failed.'),
  field('periodSeconds', 4, 'int32', 'Seconds from one look to the next.'),
  field('successThreshold', 5, 'int32', 'How many successes in a row count as one.'),
  field('failureThreshold', 6, 'int32', 'How many failures in a row count as one.'),
  field('terminationGracePeriodSeconds', 7, 'int64', 'Grace of a container that failed; the pod says when absent.', {
    pointer: true,
  }),
]);

const lifecycleHandlerSchema = coreMessage('LifecycleHandler', 'What is done at a turn in the life of a container.', [
  ...actions(POINTER),
  field('sleep', 4, sleepActionSchema, 'Waits.', POINTER),
]);

/** core/v1 Lifecycle. */
export const lifecycleSchema: MessageSchema = coreMessage(
  'Lifecycle',
  'What is done when a container starts and stops.',
  [
    field('postStart', 1, lifecycleHandlerSchema, 'Done right after its start.', POINTER),
    field('preStop', 2, lifecycleHandlerSchema, 'Done before it is stopped.', POINTER),
    field('stopSignal', 3, 'string', 'The signal that stops it; the image says when absent.', POINTER),
  ],
);
