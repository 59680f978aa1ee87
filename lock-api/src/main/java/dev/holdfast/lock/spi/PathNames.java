package dev.holdfast.lock.spi;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The one encoding of lock names for stores whose keys are paths (ZooKeeper, etcd, Pulsar).
 *
 * <p>{@code [A-Za-z0-9._-]} stay as they are, so that native tools show the name; everything else,
 * and the names {@code .} and {@code ..}, becomes percent-encoded UTF-8. What would be longer than
 * the limit is cut and ends in a SHA-256 of the whole, so that distinct names stay distinct.
 */
public final class PathNames {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private static final int HASH_CHARS = 64;

  private PathNames() {}

  /**
   * Encodes a name as one path segment of at most {@code maxLength} ASCII characters, never empty.
   *
   * @param maxLength at least 80
   */
  public static String encode(String name, int maxLength) {
    if (maxLength < HASH_CHARS + 16) {
      throw new IllegalArgumentException("maxLength must be at least 80: " + maxLength);
    }
    if (name.equals(".") || name.equals("..")) {
      return name.replace(".", "%2E");
    }
    String encoded = percentEncoded(name);
    if (encoded.length() <= maxLength) {
      return encoded;
    }
    // '%~' occurs in no plain encoding: a long name can never meet a short one.
    int kept = maxLength - HASH_CHARS - 2;
    return encoded.substring(0, kept) + "%~" + sha256(name);
  }

  private static String percentEncoded(String name) {
    StringBuilder out = new StringBuilder(name.length() + 16);
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(b)) {
        out.append((char) b);
      } else {
        HEX.toHexDigits(out.append('%'), b);
      }
    }
    return out.toString();
  }

  private static boolean isPlain(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '.'
        || b == '_'
        || b == '-';
  }

  private static String sha256(String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
