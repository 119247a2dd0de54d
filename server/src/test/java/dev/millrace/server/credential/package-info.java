@NullMarked
package dev.millrace.server.credential;

import org.jspecify.annotations.NullMarked;
