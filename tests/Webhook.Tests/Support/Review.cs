namespace GpuMem.Webhook.Tests.Support;

/// <summary>Reviews as the API server writes them.</summary>
internal static class Review
{
    public const string Uid = "705ab4f5-6393-11e8-b7cc-42010a800002";

    /// <summary>A pod whose label names a job, asking for <paramref name="gpus"/> GPUs or, at 0, for none.</summary>
    /// <param name="extra">Further members of <c>spec</c>, with a comma behind them.</param>
    public static string Pod(string? job, int gpus = 0, string extra = "")
    {
        var labels = job is null ? "{}" : $$"""{"gpumem.io/training-job": "{{job}}"}""";
        var resources = gpus == 0 ? "{}" : $$$"""{"limits": {"nvidia.com/gpu": "{{{gpus}}}"}}""";
        return $$$"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "trainer-0", "labels": {{{labels}}} },
             "spec": { {{{extra}}} "containers": [{"name": "trainer", "image": "pytorch", "resources": {{{resources}}} }]}}
            """;
    }

    public static string OfPod(string? pod, string operation = "CREATE", string? old = null, string members = "") =>
        Of("Pod", pod, operation, old, members);

    public static string Job(string spec, string name = "sft") =>
        $$"""{"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "{{name}}"}, "spec": {{spec}} }""";

    public static string OfJob(string? job, string operation = "CREATE", string? old = null, string members = "") =>
        Of("TrainingJob", job, operation, old, members);

    public static string Server(string spec, string name = "llama") =>
        $$"""{"apiVersion": "gpumem.io/v1alpha1", "kind": "ModelServer", "metadata": {"name": "{{name}}"}, "spec": {{spec}} }""";

    public static string OfServer(string? server, string operation = "CREATE", string? old = null) => Of("ModelServer", server, operation, old, "");

    public static string OfWorkload(string? workload, string operation = "CREATE", string? old = null) => Of("Deployment", workload, operation, old, "");

    private static string Of(string kind, string? entity, string operation, string? old, string members)
    {
        var present = entity is null ? "" : $", \"object\": {entity}";
        var before = old is null ? "" : $", \"oldObject\": {old}";
        return $$$"""
            {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "{{{Uid}}}", {{{members}}}
             "kind": {"group": "", "version": "v1", "kind": "{{{kind}}}"}, "operation": "{{{operation}}}", "namespace": "{{{Example.Namespace}}}",
             "userInfo": {"username": "ada", "groups": ["system:authenticated"]} {{{present}}} {{{before}}} }}
            """;
    }
}
