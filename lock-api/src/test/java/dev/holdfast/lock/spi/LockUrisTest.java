package dev.holdfast.lock.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LockUrisTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://:SECRET@host:6379/0",
        "redis://user:SECRET@host:6379/0",
        "redis://SECRET@host:6379/0",
        "rediss://SECRET@host",
        "redis-sentinel://:SECRET@h1:26379,h2:26379/0#master",
        "redis://user:p@SECRET@host",
        "redis://user:a/SECRET@host",
        "redis://user:a#SECRET@host",
        "redis://user:a?SECRET@host",
        "etcd://root:SECRET@h1:2379,h2:2379",
        "zookeeper://digest:SECRET@h1:2181,h2:2181/chroot",
        "pulsar+ssl://host:6651?authPlugin=token&authParams=token:SECRET",
        "pulsar://host:6650?token=SECRET",
        "jdbc:postgresql://host/app?user=app&password=SECRET",
        "jdbc:postgresql://host/app?password=SECRET&user=app",
        "jdbc:postgresql://host/app?user=bob@corp&password=SECRET",
        "jdbc:postgresql://host/app?sslpassword=SECRET",
        "jdbc:postgresql://host/app?password=a,SECRET",
        "jdbc:postgresql://app:SECRET@host/app",
        "jdbc:sqlserver://host:1433;databaseName=app;user=sa;password=SECRET;encrypt=true",
        "jdbc:sqlserver://host:1433;password={a;SECRET};encrypt=true",
        "jdbc:sqlserver://host;accessToken=SECRET",
        "jdbc:sqlserver://host;keyStoreSecret=SECRET;trustStorePassword=SECRET",
        "jdbc:oracle:thin:scott/SECRET@//host:1521/service",
        "jdbc:oracle:thin:scott/\"p@SECRET\"@//host:1521/service",
        "jdbc:oracle:oci:scott/SECRET@tns",
        "jdbc:mysql://root:SECRET@h1:3306,h2:3306/app",
        "jdbc:mysql://address=(host=h)(user=root)(password=SECRET)/app",
        "jdbc:mariadb://host/app?user=root&PASSWORD=SECRET",
        "jdbc:h2:mem:app;USER=sa;PASSWORD=SECRET;DB_CLOSE_DELAY=-1",
        "jdbc:db2://host:50000/app:user=db2;password=SECRET;"
      })
  void redact_anyStyleOfPassword_hidesIt(String uri) {
    assertThat(LockUris.redact(uri)).doesNotContain("SECRET").contains("***");
  }

  @ParameterizedTest
  @CsvSource({
    "redis://:SECRET@host:6379/0, redis://:***@host:6379/0",
    "redis://user:SECRET@host:6379/0, redis://user:***@host:6379/0",
    "jdbc:oracle:thin:scott/SECRET@//host:1521/s, jdbc:oracle:thin:scott/***@//host:1521/s",
    "jdbc:sqlserver://h;user=sa;password=SECRET;encrypt=true,"
        + " jdbc:sqlserver://h;user=sa;password=***;encrypt=true",
    "jdbc:postgresql://h/app?user=a&password=SECRET&ssl=true,"
        + " jdbc:postgresql://h/app?user=a&password=***&ssl=true"
  })
  void redact_password_leavesTheRestReadable(String uri, String expected) {
    assertThat(LockUris.redact(uri)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://localhost:6379",
        "zookeeper://h1:2181,h2:2181/root",
        "memory:",
        "jdbc:h2:mem:app;DB_CLOSE_DELAY=-1",
        "jdbc:oracle:thin:@//host:1521/service",
        "jdbc:postgresql://host:5432/app?user=bob@corp",
        ""
      })
  void redact_noPassword_changesNothing(String uri) {
    assertThat(LockUris.redact(uri)).isEqualTo(uri);
  }

  @ParameterizedTest
  @CsvSource({
    "redis://h, redis",
    "JDBC:postgresql://h, jdbc",
    "pulsar+ssl://h, pulsar+ssl",
    "redis-sentinel://h, redis-sentinel",
    "memory:, memory"
  })
  void scheme_uri_isInLowerCase(String uri, String expected) {
    assertThat(LockUris.scheme(uri)).isEqualTo(expected);
  }

  @Test
  void scheme_noUri_isEmpty() {
    assertThat(LockUris.scheme("localhost")).isEmpty();
    assertThat(LockUris.scheme("")).isEmpty();
    assertThat(LockUris.scheme("://x")).isEmpty();
    assertThat(LockUris.scheme("1a:x")).isEmpty();
  }
}
