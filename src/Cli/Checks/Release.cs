namespace GpuMem.Cli.Checks;

/// <summary>An installation to be tried.</summary>
/// <param name="Namespace">Where the chart is installed.</param>
/// <param name="Name">The release's full name.</param>
/// <param name="CheckName">Of what is made to try it.</param>
internal sealed record Release(string Namespace, string Name, string CheckName)
{
    /// <summary>What to look at where the operator does nothing.</summary>
    public string Operator => $"does it run? kubectl -n {Namespace} get pods; kubectl -n {Namespace} logs deployment/{Name}-operator";

    /// <summary>What to look at where nobody answers for pods.</summary>
    public string Webhook =>
        $"does the API server reach the webhook? kubectl -n {Namespace} get pods,endpointslices; kubectl get validatingwebhookconfiguration {Name}; kubectl -n {Namespace} logs deployment/{Name}-webhook";
}
