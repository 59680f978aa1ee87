package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.testkit.spi.TestClaim;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClaimListTest {

  @Test
  void json_ofAnyName_isQuoted() {
    TestClaim claim = TestClaim.of("a\"b\\c\nd\u0001😀'");
    assertThat(ClaimList.json(List.of(claim, claim)))
        .isEqualTo(
            "[[\"a\\\"b\\\\c\\u000ad\\u0001😀'\",\"%1$s\"],[\"a\\\"b\\\\c\\u000ad\\u0001😀'\",\"%1$s\"]]"
                .formatted(claim.id()));
    assertThat(ClaimList.jsonOf(List.of("x", "y"))).isEqualTo("[\"x\",\"y\"]");
    assertThat(ClaimList.json(List.of())).isEqualTo("[]");
  }

  /** 16 MB is the most that MariaDB takes in one statement; a character has up to 4 bytes. */
  @Test
  void portions_ofLongNames_fitIntoAStatement() {
    List<TestClaim> claims =
        IntStream.range(0, 20_000).mapToObj(i -> TestClaim.of("😀".repeat(510) + i)).toList();
    List<List<? extends Claim>> portions = ClaimList.portions(claims);
    assertThat(portions).hasSizeGreaterThan(1);
    assertThat(portions.stream().mapToInt(List::size).sum()).isEqualTo(20_000);
    assertThat(portions)
        .allMatch(
            portion ->
                ClaimList.json(portion).getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                    < 16 << 20);
    assertThat(ClaimList.portions(claims.subList(0, 3))).hasSize(1);
    assertThat(ClaimList.portions(List.of())).isEmpty();
  }
}
