using System.Text;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Planning;
using GpuMem.Webhook.Endpoints;

namespace GpuMem.Webhook;

/// <summary>
/// Runs a review through everything that a real one runs through, before the first real one: compiling it takes longer than the API server's
/// time limit allows a slow machine.
/// </summary>
internal static class WarmUp
{
    private static readonly string[] Labels = ["gpumem.io/training-job", "gpumem.io/model-server"];

    private const string Review = """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"warm-up","operation":"CREATE","namespace":"default",
        "kind":{"group":"","version":"v1","kind":"Pod"},"object":{"apiVersion":"v1","kind":"Pod",
        "metadata":{"name":"warm-up","labels":{"gpumem.io/training-job":"warm-up"}},
        "spec":{"containers":[{"name":"trainer","image":"x","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}}}
        """;

    public static void Run()
    {
        var handlers = new AdmissionHandlers(new FixedCluster(new PoolInventory([Pool()]), [Job()], [Server()]));
        foreach (var label in Labels.Concat(Labels).Concat(Labels))
        {
            if (!AdmissionReviewSerializer.TryRead(Encoding.UTF8.GetBytes(Review.Replace(Labels[0], label, StringComparison.Ordinal)), out var request, out var problem))
                throw new InvalidOperationException($"the warm-up review cannot be read: {problem}");
            using (request)
            {
                AdmissionReviewSerializer.Write(handlers.MutatePod(request));
                AdmissionReviewSerializer.Write(handlers.ValidatePod(request));
            }
        }
    }

    private static TrainingJob Job() => new()
    {
        Metadata = new V1ObjectMeta { Name = "warm-up" },
        Spec = new TrainingJobSpec { Model = new ModelSpec { Name = "meta-llama/Llama-3.1-8B" }, Training = new TrainingSettings { SequenceLength = 8192 } },
    };

    private static ModelServer Server() => new()
    {
        Metadata = new V1ObjectMeta { Name = "warm-up" },
        Spec = new ModelServerSpec { Model = new ModelSpec { Name = "meta-llama/Llama-3.1-70B" }, ContextLength = 8192 },
    };

    private static PoolEntry Pool() => new()
    {
        Pool = new Pool { Name = "warm-up", Product = "none", UsableMemory = Bytes.FromGiB(22), GpusPerNode = 8, Nodes = 1 },
        NodeSelector = new Dictionary<string, string>(),
        Taints = [],
        Nodes = [],
        Source = MemorySource.Declared,
    };
}
