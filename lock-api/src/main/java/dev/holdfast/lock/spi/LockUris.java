package dev.holdfast.lock.spi;

import java.util.Locale;
import java.util.regex.Pattern;

/** What all providers do with the URI of a store. */
public final class LockUris {

  private static final Pattern SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);

  /** user:secret@host; the secret may hold '@' when it was not encoded, so take the last one. */
  private static final Pattern USER_INFO = Pattern.compile("(//[^/?#:@]*):[^/?#]*@");

  /** password=secret as a parameter, in the styles of all JDBC drivers. */
  private static final Pattern PARAMETER =
      Pattern.compile("(?i)([a-z_.-]*(?:password|passwd|pwd|secret|token)[a-z_.-]*)=[^&;,]*");

  /** user/secret@, Oracle's thin style. */
  private static final Pattern ORACLE = Pattern.compile("(:thin:[^/@]*)/[^@]*@");

  private LockUris() {}

  /** The scheme in lower case, or an empty string if {@code uri} has none. */
  public static String scheme(String uri) {
    var matcher = SCHEME.matcher(uri);
    return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
  }

  /** The URI with {@code ***} in the place of every password: fit for logs and messages. */
  public static String redact(String uri) {
    String noUserInfo = USER_INFO.matcher(uri).replaceAll("$1:***@");
    String noOracle = ORACLE.matcher(noUserInfo).replaceAll("$1/***@");
    return PARAMETER.matcher(noOracle).replaceAll("$1=***");
  }
}
