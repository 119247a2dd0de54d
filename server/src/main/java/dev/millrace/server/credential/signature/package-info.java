/** Signatures of requests: OAuth 1.0 and AWS Signature Version 4. */
@NullMarked
package dev.millrace.server.credential.signature;

import org.jspecify.annotations.NullMarked;
