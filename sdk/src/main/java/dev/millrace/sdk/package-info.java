/** What the author of a Java function sees. */
@NullMarked
package dev.millrace.sdk;

import org.jspecify.annotations.NullMarked;
