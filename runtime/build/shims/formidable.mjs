// `formidable`: the parser by which soap reads answers with attachments.
export { default as MultipartParser } from '../../node_modules/formidable/src/parsers/Multipart.js';
