/** Encryption at rest ("sealing"). Knows no feature. */
@NullMarked
package dev.millrace.server.encryption;

import org.jspecify.annotations.NullMarked;
