/** The schemas that functions declare: validation of metadata, the form schema, validation of models. */
@NullMarked
package dev.millrace.server.schema;

import org.jspecify.annotations.NullMarked;
