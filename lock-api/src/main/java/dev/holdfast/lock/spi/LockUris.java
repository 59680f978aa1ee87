package dev.holdfast.lock.spi;

import java.util.Locale;
import java.util.regex.Pattern;

/** What all providers do with the URI of a store. */
public final class LockUris {

  private static final Pattern SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);

  /**
   * user:secret@host. A secret that was not encoded may hold any of {@code / ? # @}, so it goes on
   * to the last '@'; better to hide too much. Only a port in the place of the secret is none.
   */
  private static final Pattern USER_INFO =
      Pattern.compile("(//[^/?#:@]*):(?!\\d{1,5}(?:[/?#,;]|$)).*@", Pattern.DOTALL);

  /** redis://secret@host, a style of Lettuce: there the only word is the password. */
  private static final Pattern ONLY_SECRET =
      Pattern.compile("(?i)^(rediss?(?:-[a-z]+)?://)[^/?#:@]+@");

  /**
   * password=secret as a parameter, in the styles of all JDBC drivers; {secret} in SQL Server's.
   */
  private static final Pattern PARAMETER =
      Pattern.compile(
          "(?i)([\\w.-]*(?:pass|pwd|secret|token|credential|authparams|apikey)[\\w.-]*)="
              + "(?:\\{(?:[^}]|\\}\\})*\\}|[^&;]*)");

  /** user/secret@, Oracle's thin and oci style; a quoted secret may hold '@'. */
  private static final Pattern ORACLE =
      Pattern.compile("(:(?:thin|oci8?):[^/@]*)/.*@", Pattern.DOTALL);

  private LockUris() {}

  /** The scheme in lower case, or an empty string if {@code uri} has none. */
  public static String scheme(String uri) {
    var matcher = SCHEME.matcher(uri);
    return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
  }

  /** The URI with {@code ***} in the place of every password: fit for logs and messages. */
  public static String redact(String uri) {
    String noSecret = ONLY_SECRET.matcher(uri).replaceAll("$1***@");
    String noUserInfo = USER_INFO.matcher(noSecret).replaceAll("$1:***@");
    String noOracle = ORACLE.matcher(noUserInfo).replaceAll("$1/***@");
    return PARAMETER.matcher(noOracle).replaceAll("$1=***");
  }
}
