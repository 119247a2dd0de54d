/** Encryption at rest. Knows no feature. */
@NullMarked
package dev.millrace.server.encryption;

import org.jspecify.annotations.NullMarked;
