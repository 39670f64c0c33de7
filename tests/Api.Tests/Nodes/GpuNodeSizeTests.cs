using System.Text.Json;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.NodeLabels;

[Collection("alone")]
public sealed class GpuNodeSizeTests
{
    private const int Count = 5_000;
    private const int BytesPerLabel = 16;

    /// <summary>As the device plugin, GPU Feature Discovery, Node Feature Discovery and a cloud label a node.</summary>
    private static readonly string[] Labels =
    [
        "beta.kubernetes.io/arch=amd64", "beta.kubernetes.io/instance-type=p5.48xlarge", "beta.kubernetes.io/os=linux", "kubernetes.io/arch=amd64", "kubernetes.io/os=linux",
        "node.kubernetes.io/instance-type=p5.48xlarge", "topology.kubernetes.io/region=us-east-1", "topology.kubernetes.io/zone=us-east-1a", "topology.k8s.aws/zone-id=use1-az4",
        "eks.amazonaws.com/capacityType=ON_DEMAND", "eks.amazonaws.com/nodegroup=h100", "eks.amazonaws.com/nodegroup-image=ami-0123456789abcdef0",
        "failure-domain.beta.kubernetes.io/region=us-east-1", "failure-domain.beta.kubernetes.io/zone=us-east-1a",
        "nvidia.com/cuda.driver.major=550", "nvidia.com/cuda.driver.minor=54", "nvidia.com/cuda.driver.rev=15", "nvidia.com/cuda.driver-version.full=550.54.15",
        "nvidia.com/cuda.runtime-version.full=12.4", "nvidia.com/gfd.timestamp=1751362800", "nvidia.com/gpu.compute.major=9", "nvidia.com/gpu.compute.minor=0",
        "nvidia.com/gpu.count=8", "nvidia.com/gpu.family=hopper", "nvidia.com/gpu.machine=p5.48xlarge", "nvidia.com/gpu.memory=81559", "nvidia.com/gpu.mode=compute",
        "nvidia.com/gpu.present=true", "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.replicas=1", "nvidia.com/gpu.sharing-strategy=none",
        "nvidia.com/mig.capable=true", "nvidia.com/mig.strategy=single", "nvidia.com/mps.capable=false", "nvidia.com/vgpu.present=false",
        "nvidia.com/gpu.deploy.container-toolkit=true", "nvidia.com/gpu.deploy.dcgm-exporter=true", "nvidia.com/gpu.deploy.device-plugin=true", "nvidia.com/gpu.deploy.driver=true",
        "feature.node.kubernetes.io/cpu-model.vendor_id=AMD", "feature.node.kubernetes.io/kernel-version.full=6.1.90", "feature.node.kubernetes.io/pci-10de.present=true",
        "feature.node.kubernetes.io/system-os_release.ID=ubuntu", "feature.node.kubernetes.io/system-os_release.VERSION_ID=22.04",
    ];

    [Fact]
    public void A_node_takes_some_hundred_bytes_and_two_references_for_each_label()
    {
        // The pool of strings and what else is made once are there before.
        Assert.NotNull(Read(Node(0)));
        var kept = new ValueList<GpuNode>?[Count];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Count; i++)
            kept[i] = Read(Node(i));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        GC.KeepAlive(kept);
        // Their texts, and those of taints, are the same on thousands of nodes and there once, but for a few that share a place in the pool of strings.
        Assert.InRange(each - ((Labels.Length + 1) * BytesPerLabel), 100, 1_000);
    }

    private static ValueList<GpuNode>? Read(byte[] node) => GpuNodeReader.Read(KubernetesJson.Default.Deserialize<V1Node>(node)!);

    /// <summary>As the API server writes it.</summary>
    private static byte[] Node(int number)
    {
        var name = $"ip-10-{number / 250}-{number % 250}-7.example.com";
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            metadata = new
            {
                name,
                uid = $"0b5b1c1e-0000-4000-8000-{number:d12}",
                resourceVersion = $"{number}",
                labels = Labels.Append($"kubernetes.io/hostname={name}").Select(label => label.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]),
            },
            spec = new { taints = new[] { new { key = "nvidia.com/gpu", value = "present", effect = "NoSchedule" } } },
            status = new
            {
                capacity = new Dictionary<string, string> { ["cpu"] = "192", ["memory"] = "2097152Mi", ["nvidia.com/gpu"] = "8" },
                allocatable = new Dictionary<string, string> { ["cpu"] = "191", ["memory"] = "2096000Mi", ["nvidia.com/gpu"] = "8" },
            },
        });
    }
}

/// <summary>What is measured for the whole process is measured while nothing else runs.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
