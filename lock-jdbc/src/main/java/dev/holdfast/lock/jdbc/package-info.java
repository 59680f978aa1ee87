/**
 * Locks in a relational database: one row per lock, the database's own clock, any {@link
 * javax.sql.DataSource}. {@link dev.holdfast.lock.jdbc.JdbcLocks} is the way in.
 */
@NullMarked
package dev.holdfast.lock.jdbc;

import org.jspecify.annotations.NullMarked;
