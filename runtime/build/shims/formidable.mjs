// `formidable`: the parser with which soap reads responses with attachments.
export { default as MultipartParser } from '../../node_modules/formidable/src/parsers/Multipart.js';
