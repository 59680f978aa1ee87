package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockConfigurationException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcUrlTest {

  @ParameterizedTest
  @CsvSource({
    "jdbc:x://h/d?holdfast.poolSize=3, jdbc:x://h/d",
    "jdbc:x://h/d?a=b&holdfast.poolSize=3, jdbc:x://h/d?a=b",
    "jdbc:x://h/d?holdfast.poolSize=3&a=b&c=d, jdbc:x://h/d?a=b&c=d",
    "jdbc:x://h/d?a=b&holdfast.poolSize=3&c=d, jdbc:x://h/d?a=b&c=d",
    "jdbc:x://h/d?holdfast.table=t&holdfast.poolSize=3&c=d, jdbc:x://h/d?c=d",
    "jdbc:h2:mem:x;holdfast.poolSize=3, jdbc:h2:mem:x",
    "jdbc:h2:mem:x;A=1;holdfast.poolSize=3;B=2, jdbc:h2:mem:x;A=1;B=2",
    "jdbc:h2:mem:x?holdfast.poolSize=3, jdbc:h2:mem:x",
  })
  void ourParameters_areTakenOut(String given, String left) {
    JdbcUrl parsed = JdbcUrl.parse(given, JdbcLockOptions.defaults());
    assertThat(parsed.url()).isEqualTo(left);
    assertThat(parsed.options().poolSize()).isEqualTo(3);
  }

  @Test
  void urlWithoutOurs_staysAsItIs() {
    String url = "jdbc:postgresql://h/d?user=u&password=holdfast.x";
    assertThat(JdbcUrl.parse(url, JdbcLockOptions.defaults()).url()).isEqualTo(url);
  }

  @Test
  void everyOption_hasItsParameter() {
    JdbcLockOptions options =
        JdbcUrl.parse(
                "jdbc:x:?holdfast.table=s.t&holdfast.createSchema=false&holdfast.poolSize=7"
                    + "&holdfast.reserveConnection=false&holdfast.purgeIdleAfter=PT2H",
                JdbcLockOptions.defaults())
            .options();
    assertThat(options)
        .isEqualTo(
            JdbcLockOptions.builder()
                .table("s.t")
                .createSchema(false)
                .poolSize(7)
                .reserveConnection(false)
                .purgeIdleAfter(Duration.ofHours(2))
                .build());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "holdfast.createschema=true",
        "holdfast.createSchema=yes",
        "holdfast.poolSize=0",
        "holdfast.poolSize=many",
        "holdfast.table=a;drop",
        "holdfast.table=a b",
        "holdfast.table=",
        "holdfast.purgeIdleAfter=1d",
        "holdfast.=1",
      })
  void badParameter_isRefusedWithThoseThatThereAre(String parameter) {
    assertThatThrownBy(
            () -> JdbcLocks.at("jdbc:x://h/d?password=secret&" + parameter.replace("a;drop", "1a")))
        .isInstanceOf(LockConfigurationException.class)
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.b.c", "a-b", "\"a\"", "a;", "1a", "a.", "x' OR '1"})
  void badTable_isRefused(String table) {
    assertThatThrownBy(() -> JdbcLockOptions.builder().table(table).build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
