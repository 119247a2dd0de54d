/** Encryption at rest. Knows no feature. */
@NullMarked
package dev.millrace.server.vault;

import org.jspecify.annotations.NullMarked;
