using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Commands;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Api.Nodes.Templates;
using GpuMem.Api.Serving;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;

namespace GpuMem.Cli;

/// <summary>What stands in YAML files, by kind; raw where patches are computed against it.</summary>
internal sealed class Manifests
{
    public List<TrainingJob> Jobs { get; } = [];

    /// <summary>Models to be served, as resources of a cluster.</summary>
    public List<ModelServer> Servers { get; } = [];

    /// <summary>How models are served: what Inference files say, and the same of ModelServers.</summary>
    public List<InferenceSettings> Served { get; } = [];

    public List<GpuPool> Pools { get; } = [];

    public List<V1Node> Nodes { get; } = [];

    public List<V1ResourceSlice> Slices { get; } = [];

    /// <summary>What pods' claims ask for.</summary>
    public DeviceClaims Claims => new(_classes, _claimTemplates, _claims);

    /// <summary>What Karpenter, Kueue and Cluster API say of nodes that need not exist yet.</summary>
    public List<NodeTemplate> Templates { get; } = [];

    /// <summary>What administrators declared, and what templates add.</summary>
    public IReadOnlyCollection<GpuPool> Declared => NodeTemplates.Merge(Pools, Templates, Nodes);

    public List<JsonObject> Pods { get; } = [];

    /// <summary>What makes pods, where it was asked for.</summary>
    public List<JsonObject> Workloads { get; } = [];

    /// <summary>What is none of the kinds that are read, as <c>service/x</c>, where anything may stand in a file.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>Specs of pods and in what makes pods, where they were asked for, and how many pods there are of a workload where that is known.</summary>
    public List<(V1PodSpec Spec, int? Pods)> PodSpecs { get; } = [];

    /// <summary>The files of those pods.</summary>
    public List<V1ConfigMap> ConfigMaps { get; } = [];

    private readonly bool _takesWorkloads;

    private readonly List<(string File, JsonObject Manifest)> _completed = [];

    private readonly List<JsonObject> _companions = [];

    private readonly List<V1DeviceClass> _classes = [];

    private readonly List<V1ResourceClaimTemplate> _claimTemplates = [];

    private readonly List<Resourcev1ResourceClaim> _claims = [];

    private Manifests(bool takesWorkloads) => _takesWorkloads = takesWorkloads;

    /// <param name="files">Paths; <c>-</c> is standard input.</param>
    /// <param name="workloads">Whether Deployments and their like, and what stands beside them, are taken too; else they are an error.</param>
    /// <exception cref="UserErrorException">A file cannot be read or an object in it has not the shape of its kind.</exception>
    public static Manifests Read(IEnumerable<string> files, bool workloads = false)
    {
        var manifests = new Manifests(workloads);
        foreach (var file in files)
            manifests.AddFile(file);
        // What completes a workload may stand behind it.
        foreach (var (file, workload) in manifests._completed)
            Telling(file, () => manifests.AddWorkload(workload["kind"]!.ToString(), workload));
        return manifests;
    }

    /// <summary>A manifest as what makes pods, with what stands beside it and completes it; null where it makes none.</summary>
    public Workload? Workload(JsonObject manifest) => Companions.Read(manifest, _companions);

    private void AddFile(string file)
    {
        if (file != "-" && !File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        var text = file == "-" ? Console.In.ReadToEnd() : File.ReadAllText(file);
        Telling(file, () =>
        {
            foreach (var document in KubernetesYaml.LoadAllFromString(text))
                Add(document, file);
        });
    }

    /// <summary>What is wrong with an object is told with the name of its file.</summary>
    private static void Telling(string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw new UserErrorException($"{file}: {(error is JsonException json ? JsonProblem.Describe(json) : error.Message)}");
        }
    }

    private void Add(JsonNode document, string file)
    {
        if (document is not JsonObject manifest)
            throw new UserErrorException($"{file}: a document is not an object; a Kubernetes manifest has apiVersion, kind and metadata");
        switch (manifest["kind"]?.ToString())
        {
            case "List":
                foreach (var item in manifest["items"] as JsonArray ?? [])
                    Add(item!, file);
                break;
            case "TrainingJob":
                Jobs.Add(Whole<TrainingJob>(manifest, file, "spec"));
                break;
            case InferenceManifest.KindName:
                Served.Add(Whole<InferenceManifest>(manifest, file, "spec").Spec ?? new InferenceSettings());
                break;
            case "ModelServer":
                Servers.Add(Whole<ModelServer>(manifest, file, "spec"));
                Served.Add(Servers[^1].Spec ?? new ModelServerSpec());
                break;
            case "GpuPool":
                Pools.Add(Whole<GpuPool>(manifest, file, "spec"));
                break;
            case "Node":
                Nodes.Add(ManifestObject.As<V1Node>(manifest));
                break;
            case "ResourceSlice":
                Slices.Add(Slice(manifest, file));
                break;
            // Of earlier versions what they ask for stands elsewhere: then it is not known, as if the file had none.
            case "DeviceClass" or "ResourceClaimTemplate" or "ResourceClaim":
                if (manifest["apiVersion"]?.ToString() is "resource.k8s.io/v1")
                    AddClaim(manifest);
                break;
            case "ComputeDomain":
                if (ChannelOf(manifest) is { } channel)
                    AddClaim(channel);
                break;
            case not null when NodeTemplates.IsRead(manifest):
                if (NodeTemplates.Read(manifest) is { } template)
                    Templates.Add(template);
                break;
            default:
                AddWhatAsks(manifest, file);
                break;
        }
    }

    /// <summary>What asks for GPUs, and what describes or completes it.</summary>
    private void AddWhatAsks(JsonObject manifest, string file)
    {
        switch (manifest["kind"]?.ToString())
        {
            case "Pod":
                // Decided upon as raw JSON; read once so that what is wrong with it is told with the file's name.
                ManifestObject.As<V1Pod>(manifest);
                Pods.Add(manifest);
                if (_takesWorkloads)
                    AddPodSpecs(manifest, manifest, []);
                break;
            case "ConfigMap" when _takesWorkloads:
                ConfigMaps.Add(ManifestObject.As<V1ConfigMap>(manifest));
                break;
            case not null when _takesWorkloads && Companions.MayComplete(manifest):
                _completed.Add((file, manifest));
                break;
            case not null when _takesWorkloads && Companions.IsOne(manifest):
                _companions.Add(manifest);
                break;
            case { } other when _takesWorkloads:
                AddWorkload(other, manifest);
                break;
            case var kind:
                throw new UserErrorException($"{file}: kind '{kind}' is none of Pod, TrainingJob, ModelServer, GpuPool, Node, ResourceSlice, ResourceClaimTemplate, ResourceClaim, DeviceClass, NodePool, ResourceFlavor, MachineDeployment and Inference");
        }
    }

    private void AddWorkload(string kind, JsonObject manifest)
    {
        var before = PodSpecs.Count;
        var workload = Workload(manifest);
        // What its operator completes is in none of the manifest's own pods.
        if (workload?.Pods is [_, ..] pods)
            AddPodSpecs(manifest, new JsonArray([.. pods.Select(one => JsonObject.Create(one.Written))]), []);
        else
            AddPodSpecs(manifest, manifest, []);
        if (workload is not null)
            Workloads.Add(manifest);
        else if (PodSpecs.Count == before)
            Skipped.Add($"{kind.ToLowerInvariant()}/{manifest.Text("metadata", "name")}");
    }

    private void AddClaim(JsonObject manifest)
    {
        switch (manifest["kind"]!.ToString())
        {
            case "DeviceClass":
                _classes.Add(ManifestObject.As<V1DeviceClass>(manifest));
                break;
            case "ResourceClaimTemplate":
                _claimTemplates.Add(ManifestObject.As<V1ResourceClaimTemplate>(manifest));
                break;
            default:
                _claims.Add(ManifestObject.As<Resourcev1ResourceClaim>(manifest));
                break;
        }
    }

    /// <summary>The template that NVIDIA's driver makes of a ComputeDomain (NVIDIA/k8s-dra-driver-gpu cmd/compute-domain-controller/resourceclaimtemplate.go).</summary>
    private static JsonObject? ChannelOf(JsonObject domain) => domain.Text("spec", "channel", "resourceClaimTemplate", "name") is not { } name ? null : new JsonObject
    {
        ["kind"] = "ResourceClaimTemplate",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = domain.Text("metadata", "namespace") },
        ["spec"] = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["devices"] = new JsonObject
                {
                    ["requests"] = new JsonArray(new JsonObject { ["name"] = "channel", ["exactly"] = new JsonObject { ["deviceClassName"] = "compute-domain-default-channel.nvidia.com" } }),
                },
            },
        },
    };

    private static V1ResourceSlice Slice(JsonObject manifest, string file) => EarlierSlice.AsV1(manifest) is { } slice
        ? ManifestObject.As<V1ResourceSlice>(slice)
        : throw new UserErrorException($"{file}: ResourceSlice of {manifest["apiVersion"]}: read are resource.k8s.io/v1, v1beta2, v1beta1 and v1alpha3; kubectl get resourceslices.v1.resource.k8s.io -o yaml gives the first");

    /// <summary>
    /// A pod's spec is what has containers, however deep a Deployment, CronJob, LeaderWorkerSet or InferenceService holds it. Of pods that run the same,
    /// as the master and the workers of a PyTorchJob do, one answers for all.
    /// </summary>
    private void AddPodSpecs(JsonObject workload, JsonNode? node, List<JsonObject> seen)
    {
        if (node is JsonObject { } pod && pod["containers"] is JsonArray)
        {
            if (seen.Exists(other => JsonNode.DeepEquals(other["containers"], pod["containers"]) && JsonNode.DeepEquals(other["volumes"], pod["volumes"])))
                return;
            seen.Add(pod);
            var (spec, pods) = (ManifestObject.As<V1PodSpec>(pod), Workload(workload)?.PodsTogether);
            OperatorEnvironment.Add(workload, pods, spec);
            PodSpecs.Add((spec, pods));
        }
        else if (node is JsonObject members)
            foreach (var (_, member) in members)
                AddPodSpecs(workload, member, seen);
        else if (node is JsonArray items)
            foreach (var item in items)
                AddPodSpecs(workload, item, seen);
    }

    /// <summary>As <see cref="ManifestObject.Whole{T}"/>.</summary>
    /// <param name="manifest">What was written.</param>
    /// <param name="where">The file or flag, for the message.</param>
    /// <param name="below">The member that is looked at; null looks at all.</param>
    /// <exception cref="UserErrorException">A field is not known.</exception>
    public static T Whole<T>(JsonObject manifest, string where, string? below = null)
    {
        var read = ManifestObject.Whole<T>(manifest, below, out var unknown);
        return unknown is null ? read : throw new UserErrorException($"{where}: {unknown}: no such field; remove it or correct its name");
    }
}
