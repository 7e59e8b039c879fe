export { BadMessageError } from '../errors.js';
export type { JavaMessage, JavaMessageType, JavaProtocol } from './java-message.js';
export {
  createJavaMessage,
  decodeJavaMessage,
  encodeJavaMessage,
  JavaMessageSchema,
  javaMessageTypes,
  javaProtocols,
} from './java-message.js';
