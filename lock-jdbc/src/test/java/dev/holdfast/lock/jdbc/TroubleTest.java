package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TroubleTest {

  /** As the drivers report them; the first two columns of vendors' lists of errors. */
  @ParameterizedTest
  @CsvSource({
    "40001, 0, CONTENTION", // PostgreSQL
    "HY000, 1205, CONTENTION", // MariaDB's driver: lock wait
    "40001, 1205, CONTENTION", // MySQL's driver: the same
    "HY000, 1020, CONTENTION",
    "70100, 1969, CONTENTION",
    "HY000, 1290, READ_ONLY",
    "25006, 1792, READ_ONLY",
    "42000, 1142, DENIED",
    "28000, 1045, LOGIN",
    "42000, 1049, LOGIN",
    "42S02, 1146, NO_TABLE",
    "42S22, 1054, NO_TABLE",
    "08S01, 1053, AWAY",
    "70100, 1927, AWAY",
    "42000, 1203, TRANSIENT",
    "42000, 1064, PERMANENT", // syntax
    "22001, 1406, PERMANENT",
    "61000, 54, CONTENTION", // Oracle
    "72000, 8177, CONTENTION",
    "42000, 942, NO_TABLE",
    "42000, 904, NO_TABLE",
    "42000, 1031, DENIED",
    "72000, 1017, LOGIN",
    "72000, 16000, READ_ONLY",
    "42000, 900, PERMANENT",
    "40001, 1205, CONTENTION", // SQL Server
    "S0051, 1222, CONTENTION",
    "S0002, 208, NO_TABLE",
    "S0005, 229, DENIED",
    "S0001, 18456, LOGIN",
    "S0001, 3906, READ_ONLY",
  })
  void error_ofAVendor_isUnderstood(String state, int code, Trouble expected) {
    assertThat(Trouble.of(new SQLException("m", state, code))).isEqualTo(expected);
  }

  /** Pools repeat the state of what the driver said, and leave out its number. */
  @Test
  void error_inAPoolsOwn_isFound() {
    SQLException driver = new SQLException("unknown database", "42000", 1049);
    SQLException pool = new SQLTransientConnectionException("no connection", "42000", driver);
    assertThat(Trouble.of(pool)).isEqualTo(Trouble.LOGIN);
    SQLException silent = new SQLException("io", "08000", new SocketTimeoutException());
    assertThat(Trouble.of(silent)).isEqualTo(Trouble.SILENCE);
  }

  @ParameterizedTest
  @CsvSource({"23505, 0", "23000, 1062", "23000, 1", "23000, 2627", "23000, 2601"})
  void duplicateKey_ofEachVendor_isSeen(String state, int code) {
    assertThat(Trouble.isDuplicateKey(new SQLException("m", state, code))).isTrue();
    assertThat(Trouble.isDuplicateKey(new SQLException("null", "23000", 1048))).isFalse();
  }
}
