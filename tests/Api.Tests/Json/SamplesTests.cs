using GpuMem.Api.Decisions;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.Planning;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Json;

/// <summary>The files under config/samples are what people copy.</summary>
public sealed class SamplesTests
{
    private static readonly PoolInventory Inventory = InventoryBuilder.Build(
        Files("nodes").SelectMany(file => KubernetesYaml.LoadAllFromString<V1Node>(File.ReadAllText(file))), []);

    [Fact]
    public void Every_pool_of_the_samples_has_known_memory()
    {
        Assert.Equal(Files("nodes").Count(), Inventory.Pools.Count);
        Assert.All(Inventory.Entries, entry => Assert.Equal(MemorySource.FeatureDiscovery, entry.Source));
        Assert.All(Inventory.Entries.SelectMany(entry => entry.Nodes), node => Assert.Null(node.Complaint));
    }

    [Fact]
    public void Every_job_of_the_samples_has_a_verdict()
    {
        var jobs = Files("jobs").SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file)))
            .Where(document => document["kind"]!.GetValue<string>() == "TrainingJob")
            .Select(document => ApiJson.Default.Deserialize<TrainingJob>(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document))!)
            .ToList();

        Assert.NotEmpty(jobs);
        Assert.All(jobs, job => Assert.Null(TrainingJobName.Problem(job.Metadata.Name)));
        Assert.All(jobs, job => Assert.NotEqual(Verdict.Invalid, JobDecision.Of(job, Inventory, NoConfigMaps.Instance).Plan.Verdict));
    }

    [Fact]
    public void Every_server_of_the_samples_would_start_but_for_the_one_that_shows_a_refusal()
    {
        var servers = Files("servers").SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file)))
            .Where(document => document["kind"]!.GetValue<string>() == "ModelServer")
            .Select(document => ApiJson.Default.Deserialize<ModelServer>(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document))!)
            .ToList();

        Assert.NotEmpty(servers);
        Assert.All(servers, server => Assert.Null(ModelServerName.Problem(server.Metadata.Name)));
        Assert.All(servers, server => Assert.Equal(server.Metadata.Name == "llama-70b-chat" ? Verdict.Impossible : Verdict.Fits, ServerDecision.Of(server, Inventory, NoConfigMaps.Instance).Verdict));
    }

    [Fact]
    public void Every_pod_of_the_samples_names_a_job_of_the_samples()
    {
        var documents = Files("jobs").SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file))).ToList();
        var jobs = documents.Where(document => document["kind"]!.GetValue<string>() == "TrainingJob").Select(document => document["metadata"]!["name"]!.GetValue<string>()).ToList();

        Assert.All(documents.Where(document => document["kind"]!.GetValue<string>() == "Pod"),
            pod => Assert.Contains(pod["metadata"]!["labels"]![ApiGroup.TrainingJobLabel]!.GetValue<string>(), jobs));
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "config", "samples", folder), "*.yaml").Order(StringComparer.Ordinal);
}
