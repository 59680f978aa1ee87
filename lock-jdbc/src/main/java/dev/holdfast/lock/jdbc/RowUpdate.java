package dev.holdfast.lock.jdbc;

import java.util.List;

/**
 * A change to one row, to be worded by a {@link Dialect}.
 *
 * @param set assignments, with a '?' for each of {@code setArguments}
 * @param name which row
 * @param condition of which the row's newest version must be, with a '?' for each of {@code
 *     conditionArguments}
 * @param returning the number column to be read after the change
 * @param durable whether a crash must not undo it once it is confirmed
 */
record RowUpdate(
    String set,
    List<Object> setArguments,
    String name,
    String condition,
    List<Object> conditionArguments,
    String returning,
    boolean durable) {}
