/** The API for functions in Java. */
@NullMarked
package dev.millrace.sdk;

import org.jspecify.annotations.NullMarked;
