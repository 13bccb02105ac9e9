/** The tools of tau-bench's airline agent that change nothing. */
export const AIRLINE_READS: readonly string[] = [
  "get_user_details",
  "get_reservation_details",
  "search_direct_flight",
  "search_onestop_flight",
  "list_all_airports",
  "calculate",
];
