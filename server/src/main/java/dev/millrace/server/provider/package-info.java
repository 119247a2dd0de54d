/** The catalogue of providers: YAML definitions and their interpolation. */
@NullMarked
package dev.millrace.server.provider;

import org.jspecify.annotations.NullMarked;
