package dev.holdfast.lock.testkit.soak;

/** What a soak does to a store and to those who use it. */
public enum FaultKind {
  /** SIGSTOP, and SIGCONT at the end. */
  FREEZE(Place.PROCESS, "frozen"),
  /** SIGKILL; a new process takes its place at the end. */
  KILL(Place.PROCESS, "kill -9"),
  /** Both directions of the network lose everything. */
  SILENCE(Place.NETWORK, "network silent"),
  /** What the client sends is lost. */
  SILENT_REQUESTS(Place.NETWORK, "requests lost"),
  /** What the server answers is lost. */
  SILENT_REPLIES(Place.NETWORK, "replies lost"),
  /** Everything is held back, and delivered at the end. */
  STALL(Place.NETWORK, "network stalled, delivers late"),
  /** Connections are reset, and new ones refused. */
  CUT(Place.NETWORK, "network cut"),
  /** Connections are reset, once. */
  RESET(Place.NETWORK, "connections reset"),
  /** The server seems to have closed its side of all connections. */
  HALF_CLOSE(Place.NETWORK, "connections half closed"),
  /** Each direction takes its time. */
  DELAY(Place.NETWORK, "network slow"),
  /** The store is frozen by SIGSTOP. */
  PAUSE_STORE(Place.STORE, "store frozen"),
  /** The store is killed, and started again at the end. */
  KILL_STORE(Place.STORE, "store kill -9"),
  /** The store is stopped in good order, and started at the end. */
  STOP_STORE(Place.STORE, "store stopped");

  /** Where a fault strikes. */
  public enum Place {
    /** One of the processes. */
    PROCESS,
    /** The way of one process to the store. */
    NETWORK,
    /** The store itself, and so everybody. */
    STORE
  }

  private final Place place;
  private final String text;

  FaultKind(Place place, String text) {
    this.place = place;
    this.text = text;
  }

  /**
   * Where it strikes.
   *
   * @return the place
   */
  public Place place() {
    return place;
  }

  @Override
  public String toString() {
    return text;
  }
}
