using System.Text;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary>AdmissionReviews as kube-apiserver writes them when a controller creates a pod.</summary>
internal static class Reviews
{
    public const string Validate = "/validate-pod";

    public const string Mutate = "/mutate-pod";

    private const string Workload = "/validate-workload";

    private const string OneGpu = """{"nvidia.com/gpu":"1","cpu":"8","memory":"64Gi"}""";

    private const string PodKind = """{"group":"","version":"v1","kind":"Pod"}""";

    private const string PodResource = """{"group":"","version":"v1","resource":"pods"}""";

    private const string NoGpu = """{"cpu":"1","memory":"2Gi"}""";

    /// <summary>The pod of a TrainingJob that fits.</summary>
    public static Question Fits(int size, string path = Validate) => new(path, OfPod(Label(LargeCluster.FittingJob), OneGpu, size), Allowed: true);

    /// <summary>The same pod as whoever creates it sends it.</summary>
    public static string PodThatFits(int size) => Sized(body => body, Label(LargeCluster.FittingJob), OneGpu, size);

    /// <summary>A JobSet of eight replicated jobs of such pods: a whole training as one applies it, about 8 KB.</summary>
    public static Question JobSet => new(Workload, new Body(Review(
        $$$"""{"kind":"JobSet","apiVersion":"jobset.x-k8s.io/v1alpha2","metadata":{"name":"train-@@","namespace":"default","labels":{{{{Label(LargeCluster.FittingJob)}}}"app":"trainer"}},"spec":{"replicatedJobs":[{{{string.Join(',', Enumerable.Range(0, 8).Select(ReplicatedJob))}}}]},"status":{}}""",
        """{"group":"jobset.x-k8s.io","version":"v1alpha2","kind":"JobSet"}""", """{"group":"jobset.x-k8s.io","version":"v1alpha2","resource":"jobsets"}""")), Allowed: true);

    /// <summary>The pod of a TrainingJob that fits nowhere in its present form; the answer says what would.</summary>
    public static Question Denied(int job) => new(Validate, OfPod(Label($"{LargeCluster.TooLargeJob}{job}"), OneGpu, 3_000), Allowed: false);

    /// <summary>A pod that nothing of ours describes: most pods of most clusters.</summary>
    public static Question Other(int size) => new(Validate, OfPod("", NoGpu, size), Allowed: true);

    /// <summary>What people send by mistake or on purpose, each far beyond what pods have.</summary>
    public static IEnumerable<(string Name, Question Question)> Extremes =>
    [
        ("1,000 tolerations", Extreme(tolerations: string.Concat(Enumerable.Range(0, 1_000).Select(i => $$"""
            ,{"key":"example.com/taint-{{i}}","operator":"Exists"}
            """)))),
        ("10,000 labels", Extreme(labels: string.Concat(Enumerable.Range(0, 10_000).Select(i => $"\"example.com/label-{i}\":\"value-{i}\",")))),
        ("an annotation of 3 MB", Extreme(note: new string('x', 3_000_000))),
    ];

    /// <summary>Eighty of these are half a gigabyte.</summary>
    public static Question Huge => Extreme(note: new string('x', 6_700_000));

    private static string ReplicatedJob(int number) => """
        {"name":"workers-##","replicas":1,"template":{"spec":{"parallelism":1,"completions":1,"template":{"spec":{"containers":[{"name":"trainer","image":"registry.example.com/trainer:1","command":["torchrun","train.py"],"env":[VARIABLES{"name":"RANK","value":"##"}],"resources":{"limits":RESOURCES,"requests":RESOURCES},"volumeMounts":[{"name":"data","mountPath":"/data"}]}],"volumes":[{"name":"data","emptyDir":{}}],"restartPolicy":"Never","tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}]}}}}}
        """.Replace("##", $"{number}", StringComparison.Ordinal).Replace("VARIABLES", Variable(number), StringComparison.Ordinal).Replace("RESOURCES", OneGpu, StringComparison.Ordinal);

    private static string Label(string job) => $"\"gpumem.io/training-job\":\"{job}\",";

    private static Question Extreme(string labels = "", string tolerations = "", string note = "") =>
        new(Validate, new Body(Review(Pod(Label(LargeCluster.FittingJob) + labels, OneGpu, environment: 12, note, tolerations))), Allowed: true);

    /// <summary>Half of what is missing to the size is structure, as environment and volumes are, and half is one text, as a last-applied configuration is.</summary>
    private static Body OfPod(string labels, string resources, int size) => new(Sized(pod => Review(pod), labels, resources, size));

    private static string Sized(Func<string, string> whole, string labels, string resources, int size)
    {
        var missing = size - Encoding.UTF8.GetByteCount(whole(Pod(labels, resources, environment: 0, note: "")));
        var environment = Math.Max(0, missing / 2 / Variable(0).Length);
        var rest = size - Encoding.UTF8.GetByteCount(whole(Pod(labels, resources, environment, note: "")));
        return whole(Pod(labels, resources, environment, new string('n', Math.Max(0, rest))));
    }

    private static string Variable(int number) => $$"""{"name":"SETTING_{{number:00000}}","value":"{{new string('v', 24)}}"},""";

    private static string Pod(string labels, string resources, int environment, string note, string tolerations = "") => $$$"""
        {"kind":"Pod","apiVersion":"v1","metadata":{"name":"trainer-@@","generateName":"trainer-","namespace":"default","creationTimestamp":null,"labels":{{{{labels}}}"app":"trainer","controller-uid":"0f6a7c1e-2f0d-4b53-9a31-6f1c0c3d9b11","job-name":"trainer"},"annotations":{"example.com/note":"{{{note}}}"},"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"trainer","uid":"0f6a7c1e-2f0d-4b53-9a31-6f1c0c3d9b11","controller":true,"blockOwnerDeletion":true}]},"spec":{"volumes":[{"name":"data","emptyDir":{}}],"containers":[{"name":"trainer","image":"registry.example.com/trainer:1","command":["torchrun","train.py"],"env":[{{{string.Concat(Enumerable.Range(0, environment).Select(Variable))}}}{"name":"RANK","value":"0"}],"resources":{"limits":{{{resources}}},"requests":{{{resources}}}},"volumeMounts":[{"name":"data","mountPath":"/data"}],"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Never","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler","tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}{{{tolerations}}}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},"status":{}}
        """;

    private static string Review(string entity, string kind = PodKind, string resource = PodResource) => $$$$"""
        {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"705ab4f5-6393-11e8-b7cc-@@","kind":{{{{kind}}}},"resource":{{{{resource}}}},"requestKind":{{{{kind}}}},"requestResource":{{{{resource}}}},"name":"trainer-@@","namespace":"default","operation":"CREATE","userInfo":{"username":"system:serviceaccount:kube-system:job-controller","uid":"5c3b8f6e-7a61-4f0e-8c58-0d0d5a8b1d7a","groups":["system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"]},"object":{{{{entity}}}},"oldObject":null,"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}
        """;
}
