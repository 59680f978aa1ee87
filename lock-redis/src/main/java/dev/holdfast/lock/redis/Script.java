package dev.holdfast.lock.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/**
 * A script as the server knows it: by the hash of its text.
 *
 * <p>A script that can grant a lock is cached by a server only after that was found to be older
 * than the longest lease, which is a part of the text. A server that has started anew has an empty
 * cache and so answers NOSCRIPT: nothing is asked of it twice, and no lock is granted by one that
 * may have forgotten locks. Until it is old enough the {@link #young} text is run, which grants
 * nothing that is not granted already. A lease that is longer still is no part of the text: for
 * such a lock the script itself asks for the server's age, each time.
 *
 * @param text what is run, and cached
 * @param sha the SHA-1 of {@code text}, in hexadecimal
 * @param young the text for a server that is too young; the same where it makes no difference
 * @param grants whether it makes one
 */
record Script(String text, String sha, String young, boolean grants) {

  /** A script that grants nothing and may run on any server. */
  static Script plain(String... files) {
    String text = text(files);
    return new Script(text, sha1(text), text, false);
  }

  /**
   * A script that may grant: on servers that are older than {@code maxLease}. Its files in the
   * order in which they run: first what most calls end with, for a function that is not needed
   * costs the server time as well.
   */
  static Script granting(Duration maxLease, String... files) {
    String body = text(files);
    String text = first(false, maxLease) + body;
    return new Script(text, sha1(text), first(true, maxLease) + body, true);
  }

  private static String first(boolean young, Duration maxLease) {
    return "local young, longest = %s, %d\n".formatted(young, maxLease.toMillis());
  }

  private static String text(String... files) {
    StringBuilder text = new StringBuilder();
    for (String file : files) {
      text.append(read(file));
    }
    return text.toString();
  }

  private static String read(String file) {
    String resource = file + ".lua";
    try (InputStream in = Script.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing in the jar of lock-redis");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static String sha1(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }
}
