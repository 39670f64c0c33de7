using GpuMem.TestKit;

namespace GpuMem.Cluster.Tests;

/// <summary>
/// What the API server says to whoever applies what makes pods. Kinds that operators bring have minimal definitions here, without their operators: what is
/// told at <c>kubectl apply</c> needs none of them.
/// </summary>
[Collection(InstalledGpuMemCollection.Name)]
public sealed class WorkloadTests(InstalledGpuMem cluster)
{
    /// <summary>131 GiB on one GPU and 41 on four: one H100 is not enough.</summary>
    private const string Job = """
        apiVersion: gpumem.io/v1alpha1
        kind: TrainingJob
        metadata: {name: full-8b}
        spec:
          model: {name: meta-llama/Llama-3.1-8B}
          training: {method: Full, sequenceLength: 4096, recompute: Full}
        """;

    private const string Template = "{metadata: {labels: {gpumem.io/training-job: full-8b, app: x}}, spec: {restartPolicy: Never, containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: GPUS}}}]}}";

    /// <summary>Begins what stands where others have a spec.</summary>
    private const string BesideMetadata = "@root ";

    private static readonly (string Version, string Kind, string Plural, string Spec)[] Kinds =
    [
        ("batch/v1", "Job", "", "{template: @once}"),
        ("batch/v1", "CronJob", "", "{schedule: '0 0 * * *', jobTemplate: {spec: {template: @once}}}"),
        ("apps/v1", "StatefulSet", "", "{serviceName: x, selector: {matchLabels: {app: x}}, template: @always}"),
        ("apps/v1", "Deployment", "", "{selector: {matchLabels: {app: x}}, template: @always}"),
        ("jobset.x-k8s.io/v1alpha2", "JobSet", "jobsets", "{replicatedJobs: [{name: workers, replicas: 1, template: {spec: {template: @once}}}]}"),
        ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets", "{leaderWorkerTemplate: {size: 1, workerTemplate: @once}}"),
        ("batch.volcano.sh/v1alpha1", "Job", "jobs", "{tasks: [{name: worker, replicas: 1, template: @once}]}"),
        ("kubeflow.org/v1", "PyTorchJob", "pytorchjobs", "{pytorchReplicaSpecs: {Master: {replicas: 1, template: @once}}}"),
        ("kubeflow.org/v1", "TFJob", "tfjobs", "{tfReplicaSpecs: {Worker: {replicas: 1, template: @once}}}"),
        ("kubeflow.org/v1", "XGBoostJob", "xgboostjobs", "{xgbReplicaSpecs: {Worker: {replicas: 1, template: @once}}}"),
        ("kubeflow.org/v1", "PaddleJob", "paddlejobs", "{paddleReplicaSpecs: {Worker: {replicas: 1, template: @once}}}"),
        ("kubeflow.org/v1", "JAXJob", "jaxjobs", "{jaxReplicaSpecs: {Worker: {replicas: 1, template: @once}}}"),
        ("kubeflow.org/v2beta1", "MPIJob", "mpijobs", "{mpiReplicaSpecs: {Worker: {replicas: 1, template: @once}}}"),
        ("ray.io/v1", "RayCluster", "rayclusters", "{workerGroupSpecs: [{groupName: gpus, replicas: 1, template: @once}]}"),
        ("ray.io/v1", "RayJob", "rayjobs", "{rayClusterSpec: {workerGroupSpecs: [{groupName: gpus, replicas: 1, template: @once}]}}"),
        ("ray.io/v1", "RayService", "rayservices", "{rayClusterConfig: {workerGroupSpecs: [{groupName: gpus, replicas: 1, template: @once}]}}"),
        ("trainer.kubeflow.org/v1alpha1", "TrainJob", "trainjobs", "{trainer: {numNodes: 1, resourcesPerNode: {limits: {nvidia.com/gpu: GPUS}}}}"),
        ("serving.kserve.io/v1beta1", "InferenceService", "inferenceservices", "{predictor: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: GPUS}}}]}}"),
        ("serving.kserve.io/v1alpha1", "LLMInferenceService", "llminferenceservices", "{template: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: GPUS}}}]}}"),
        ("kaito.sh/v1beta1", "Workspace", "workspaces", "@root resource: {count: 1}\ninference: {template: @always}"),
        ("argoproj.io/v1alpha1", "CronWorkflow", "cronworkflows", "{schedule: '0 0 * * *', workflowSpec: {templates: [{name: train, metadata: {labels: {gpumem.io/training-job: full-8b}}, container: {image: x, resources: {limits: {nvidia.com/gpu: GPUS}}}}]}}"),
        ("argoproj.io/v1alpha1", "Workflow", "workflows", "{templates: [{name: train, metadata: {labels: {gpumem.io/training-job: full-8b}}, container: {image: x, resources: {limits: {nvidia.com/gpu: GPUS}}}}]}"),
    ];

    [ClusterFact]
    public async Task Every_kind_is_refused_at_apply_when_it_starts_too_few_GPUs_and_admitted_when_it_starts_enough()
    {
        await cluster.KubectlAsync("apply", "--validate=false", "-f", await FileOf(string.Join("\n---\n", Kinds.Where(kind => kind.Plural.Length > 0).Select(Definition).Distinct())));
        await cluster.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", .. Kinds.Where(kind => kind.Plural.Length > 0).Select(kind => $"crd/{kind.Plural}.{kind.Version.Split('/')[0]}").Distinct()]);
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job);
        await UntilRefusedAsync(ns, Manifest(Kinds[0], gpus: 1));

        // Kubernetes serves this version of CronJob since 1.21.
        foreach (var kind in Kinds.Where(kind => kind.Kind != "CronJob" || cluster.ControlPlane.ServerVersion >= new Version(1, 21)))
        {
            var (refused, _, why) = await cluster.ApplyAsync(ns, Manifest(kind, gpus: 1));
            Assert.True(refused != 0 && why.Contains("denied the request: needs 131", StringComparison.Ordinal) && why.Contains("Fix: ", StringComparison.Ordinal), $"{kind.Version} {kind.Kind}: {why}");
            var (admitted, _, error) = await cluster.ApplyAsync(ns, Manifest(kind, gpus: 8));
            Assert.True(admitted == 0, $"{kind.Version} {kind.Kind}: {error}");
        }
    }

    [ClusterFact]
    public async Task The_pods_of_a_Job_that_slipped_through_are_refused()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job);
        var pod = Pod("{name: job-x, labels: {gpumem.io/training-job: full-8b}, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: job, uid: '0', controller: true}]}");

        var error = await UntilRefusedAsync(ns, pod);

        Assert.Contains("It assumes 1 pod of 1 GPU", error);
    }

    [ClusterFact]
    public async Task A_pod_belongs_to_what_its_owners_belong_to_whatever_they_are_called()
    {
        var ns = await cluster.NewNamespaceAsync();
        await AppliedAsync(Theirs("Deployment", "above", ""));
        var uid = await cluster.GetAsync(ns, "deployment/above", ".metadata.uid");
        await AppliedAsync(Theirs("ReplicaSet", "between", $", ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: above, uid: {uid}, controller: true}}]"));
        await AppliedAsync(Job + "\n  parallelism: {data: 1}\n  targetRef: {apiVersion: apps/v1, kind: Deployment, name: above}");

        await UntilRefusedAsync(ns, Pod("{name: below, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: between, uid: '0', controller: true}]}"));

        async Task AppliedAsync(string manifest)
        {
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, manifest);
            Assert.True(exitCode == 0, error);
        }

        static string Theirs(string kind, string name, string owners) => $"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}{owners}}}\n"
            + "spec: {replicas: 0, selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: main, image: x}]}}}";
    }

    [ClusterFact]
    public async Task A_workload_that_its_author_labelled_gets_the_GPUs_that_its_pods_need()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job);
        await UntilRefusedAsync(ns, Manifest(Kinds[0], gpus: 1));

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: mine, labels: {gpumem.io/training-job: full-8b}}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: x}]}}}
            """);

        Assert.True(exitCode == 0, error);
        Assert.Contains("Warning: GPUs of each pod set by GpuMem: nvidia.com/gpu 0→4", error);
        Assert.Equal("4", await cluster.GetAsync(ns, "job/mine", @".spec.template.spec.containers[0].resources.limits.nvidia\.com/gpu"));
        Assert.Equal("full-8b", await cluster.GetAsync(ns, "job/mine", @".spec.template.metadata.labels.gpumem\.io/training-job"));
    }

    // Before, the server lets the resources of no Job change (KEP-5440).
    [ClusterFact(MinimumServerVersion = "1.36")]
    public async Task A_suspended_Job_gets_the_GPUs_of_a_TrainingJob_that_comes_after_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: mine, labels: {gpumem.io/training-job: full-8b}, annotations: {kueue.x-k8s.io/admission-gated-by: gpumem.io/plan}}
            spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: main, image: x}]}}}
            """);
        Assert.True(exitCode == 0, error);
        // Without a controller manager nobody says that it is suspended.
        await cluster.KubectlAsync("patch", "job/mine", "-n", ns, "--subresource=status", "--type=merge",
            """--patch={"status": {"conditions": [{"type": "Suspended", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "lastProbeTime": "2026-01-01T00:00:00Z"}]}}""");

        await cluster.ApplyAsync(ns, Job);
        await cluster.WaitForAsync(ns, "trainingjob/full-8b", ".status.verdict", "Fits");

        await cluster.WaitForAsync(ns, "job/mine", @".spec.template.spec.containers[0].resources.limits.nvidia\.com/gpu", "4");
        Assert.Equal("", await cluster.GetAsync(ns, "job/mine", @".metadata.annotations.kueue\.x-k8s\.io/admission-gated-by"));
        Assert.Contains("nvidia.com/gpu 0→4", await cluster.GetAsync(ns, "job/mine", @".spec.template.metadata.annotations.gpumem\.io/rewritten"));
    }

    [ClusterFact]
    public async Task A_server_that_nobody_describes_is_warned_about_when_its_command_says_that_it_cannot_start()
    {
        var ns = await cluster.NewNamespaceAsync();

        var (exitCode, _, error) = await cluster.ApplyAsync(ns, """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: vllm}
            spec:
              selector: {matchLabels: {app: vllm}}
              template:
                metadata: {labels: {app: vllm}}
                spec:
                  containers:
                  - {name: vllm, image: "vllm/vllm-openai:v0.11.0", args: [--model, meta-llama/Llama-3.1-70B-Instruct, --max-model-len, "8192"], resources: {limits: {nvidia.com/gpu: 1}}}
            """);

        Assert.Equal(0, exitCode);
        Assert.Contains("Warning: would not fit: needs 1", error);
        Assert.Contains("fix: --tensor-parallel-size 4 (holds ", error);
    }

    [ClusterFact]
    public async Task A_namespace_says_what_is_done_in_it()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job);
        await UntilRefusedAsync(ns, Manifest(Kinds[0], gpus: 1));
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Warn");

        await UntilAdmittedAsync(ns, Manifest(Kinds[0], gpus: 1), "Warning: needs 131");
    }

    [ClusterFact]
    public async Task A_job_that_was_rejected_is_launched_when_its_namespace_no_longer_enforces()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job.Replace("recompute: Full}", "recompute: Full}\n  parallelism: {data: 1}\n  placement: {pools: [h100]}\n  template: {spec: {containers: [{name: main, image: x}]}}", StringComparison.Ordinal));
        await cluster.WaitForAsync(ns, "gtj/full-8b", ".status.phase", "Rejected");
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Warn");

        await cluster.WaitForAsync(ns, "gtj/full-8b", ".status.phase", "Launched");
    }

    [ClusterFact]
    public async Task What_somebody_with_the_right_overrides_is_admitted_with_a_warning()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.ApplyAsync(ns, Job);
        await UntilRefusedAsync(ns, Manifest(Kinds[0], gpus: 1));
        await cluster.KubectlAsync("annotate", "trainingjob", "full-8b", "-n", ns, "gpumem.io/override=measured: it runs");

        await UntilAdmittedAsync(ns, Manifest(Kinds[0], gpus: 1), "Warning: needs 131");
    }

    /// <summary>The webhook hears of a TrainingJob a moment after it was applied.</summary>
    private async Task<string> UntilRefusedAsync(string ns, string manifest)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (exitCode, _, error) = await cluster.ControlPlane.KubectlWithInputAsync(manifest, "create", "--dry-run=server", "-n", ns, "-f", "-");
            if (error.Contains("denied the request", StringComparison.Ordinal))
                return error;
            Assert.True(exitCode == 0 && attempt < 100, $"it is not refused: {error}");
        }
    }

    private async Task UntilAdmittedAsync(string ns, string manifest, string says)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (exitCode, _, error) = await cluster.ApplyAsync(ns, manifest);
            if (exitCode == 0)
            {
                Assert.Contains(says, error);
                return;
            }

            Assert.True(attempt < 100, error);
        }
    }

    private static string Pod(string metadata) => "apiVersion: v1\nkind: Pod\nmetadata: " + metadata + "\nspec: {containers: [{name: main, image: x, resources: {limits: {nvidia.com/gpu: 1}}}]}";

    /// <summary>Named by its GPUs: what was admitted is not what is refused later. The label on the workload itself ties what has no template.</summary>
    private static string Manifest((string Version, string Kind, string Plural, string Spec) kind, int gpus) =>
        $"apiVersion: {kind.Version}\nkind: {kind.Kind}\nmetadata: {{name: {kind.Kind.ToLowerInvariant()}-{gpus}, labels: {{gpumem.io/training-job: full-8b}}}}\n"
        + (kind.Spec.StartsWith(BesideMetadata, StringComparison.Ordinal) ? kind.Spec[BesideMetadata.Length..] : $"spec: {kind.Spec}").Replace("@once", Template, StringComparison.Ordinal).Replace("@always", Template.Replace("restartPolicy: Never, ", "", StringComparison.Ordinal), StringComparison.Ordinal).Replace("GPUS", $"{gpus}", StringComparison.Ordinal);

    private static string Definition((string Version, string Kind, string Plural, string Spec) kind)
    {
        var (group, version) = (kind.Version.Split('/')[0], kind.Version.Split('/')[1]);
        return $"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {kind.Plural}.{group}, annotations: {{api-approved.kubernetes.io: unapproved}}}}\nspec: {{group: {group}, scope: Namespaced, names: {{plural: {kind.Plural}, kind: {kind.Kind}}}, "
            + $"versions: [{{name: {version}, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}}}]}}";
    }

    private static async Task<string> FileOf(string text)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
