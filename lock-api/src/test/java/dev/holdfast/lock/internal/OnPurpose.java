package dev.holdfast.lock.internal;

/** What tests throw where nothing should throw; without a stack, for it fills the log. */
final class OnPurpose extends Error {

  private static final long serialVersionUID = 1L;

  OnPurpose(String what) {
    super(what + ", on purpose", null, false, false);
  }
}
