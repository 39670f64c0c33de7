namespace GpuMem.Kubernetes.Metrics;

/// <summary>The instruments of controller-runtime's pkg/internal/controller/metrics.</summary>
internal static class ControllerMetrics
{
    private const string Label = "controller";

    private static readonly Counter<long> Reconciliations = RuntimeMeter.Counter("controller_runtime_reconcile_total", "Reconciliations by their result");

    private static readonly Counter<long> Errors = RuntimeMeter.Counter("controller_runtime_reconcile_errors_total", "Reconciliations that failed");

    private static readonly Counter<long> TerminalErrors = RuntimeMeter.Counter(
        "controller_runtime_terminal_reconcile_errors_total", "Reconciliations that failed and are not tried again");

    private static readonly Counter<long> Panics = RuntimeMeter.Counter("controller_runtime_reconcile_panics_total", "Reconciliations that failed with an exception");

    private static readonly Histogram<double> Time = RuntimeMeter.Instance.CreateHistogram(
        "controller_runtime_reconcile_time_seconds",
        "s",
        "How long reconciliations took",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9,
                1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
        });

    private static readonly Gauge<long> Workers = RuntimeMeter.Instance.CreateGauge<long>(
        "controller_runtime_max_concurrent_reconciles", null, "Reconciliations that may run at once");

    private static readonly UpDownCounter<long> Active = RuntimeMeter.Instance.CreateUpDownCounter<long>(
        "controller_runtime_active_workers", null, "Reconciliations that run now");

    /// <summary>Every series is there from the start: an alert cannot tell a missing one from a healthy one.</summary>
    internal static void Started(string controller, int workers)
    {
        Workers.Record(workers, Of(controller));
        Active.Add(0, Of(controller));
        Errors.Add(0, Of(controller));
        TerminalErrors.Add(0, Of(controller));
        Panics.Add(0, Of(controller));
        foreach (string result in Enum.GetValues<ReconcileOutcome>().Select(Text))
            Reconciliations.Add(0, Of(controller), RuntimeMeter.Label("result", result));
    }

    internal static void Begin(string controller) => Active.Add(1, Of(controller));

    internal static void End(string controller, ReconcileOutcome? outcome, TimeSpan took)
    {
        Active.Add(-1, Of(controller));
        if (outcome is not { } result)
            return;
        Time.Record(took.TotalSeconds, Of(controller));
        Reconciliations.Add(1, Of(controller), RuntimeMeter.Label("result", Text(result)));
        if (result is ReconcileOutcome.Error or ReconcileOutcome.TerminalError)
            Errors.Add(1, Of(controller));
        if (result == ReconcileOutcome.TerminalError)
            TerminalErrors.Add(1, Of(controller));
    }

    internal static void Panicked(string controller) => Panics.Add(1, Of(controller));

    private static string Text(ReconcileOutcome result) => result switch
    {
        ReconcileOutcome.Error or ReconcileOutcome.TerminalError => "error",
        ReconcileOutcome.RequeueAfter => "requeue_after",
        _ => "success",
    };

    private static KeyValuePair<string, object?> Of(string controller) => RuntimeMeter.Label(Label, controller);
}
