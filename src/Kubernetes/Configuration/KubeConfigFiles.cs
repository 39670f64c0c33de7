namespace GpuMem.Kubernetes.Configuration;

/// <summary>One or more kubeconfig files read as one: of two entries of a name the first counts, as with kubectl.</summary>
internal sealed record KubeConfigFiles(IReadOnlyList<KubeConfigFile> Files)
{
    private string Names => string.Join(", ", Files.Select(file => file.Path));

    internal static KubeConfigFiles Load(string? path) => path is not null
        ? new KubeConfigFiles([KubeConfigFile.Read(path)])
        : LoadAll(Candidates(Environment.GetEnvironmentVariable("KUBECONFIG")));

    /// <summary>The files that the variable lists; that of the home directory when it lists none.</summary>
    internal static IReadOnlyList<string> Candidates(string? listed)
    {
        string[] files = (listed ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return files.Length > 0
            ? files
            : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")];
    }

    /// <summary>A listed file that does not exist is left out, as with kubectl, if any of them does.</summary>
    internal static KubeConfigFiles LoadAll(IReadOnlyList<string> candidates)
    {
        List<KubeConfigFile> files = [.. candidates.Where(File.Exists).Select(KubeConfigFile.Read)];
        return files.Count > 0
            ? new KubeConfigFiles(files)
            : throw new KubernetesConfigurationException($"There is no kubeconfig at {string.Join(" or ", candidates)}; set KUBECONFIG.");
    }

    internal KubernetesClientConfiguration Configure(string? contextName, TimeProvider? timeProvider = null)
    {
        string name = contextName
            ?? Files.Select(file => file.Content.CurrentContext).FirstOrDefault(current => current is { Length: > 0 })
            ?? throw new KubernetesConfigurationException(
                $"{Names} has no current-context. {Known("context", All(file => file.Contexts))}");
        (KubeConfigFile contextFile, NamedContext context) = Find("context", name, file => file.Contexts);
        string from = $"context '{name}' in {contextFile.Path}";
        string clusterName = context.Context?.Cluster ?? throw new KubernetesConfigurationException($"{from} names no cluster.");
        (KubeConfigFile clusterFile, NamedCluster cluster) = Find("cluster", clusterName, file => file.Clusters);

        ClusterEntry endpoint = new(clusterFile, clusterName, cluster.Cluster ?? new KubeConfigCluster());
        IClientCredentials credentials = new StaticCredentials(new ClientCredential());
        if (context.Context?.User is { Length: > 0 } userName)
        {
            (KubeConfigFile userFile, NamedUser user) = Find("user", userName, file => file.Users);
            credentials = new UserEntry(userFile, userName, user.User ?? new KubeConfigUser())
                .Credentials(endpoint, timeProvider ?? TimeProvider.System);
        }

        return endpoint.Configure(context.Context?.Namespace, credentials);
    }

    private IEnumerable<(KubeConfigFile File, T Entry)> All<T>(Func<KubeConfig, List<T>?> list) =>
        Files.SelectMany(file => (list(file.Content) ?? []).OfType<T>().Select(entry => (file, entry)));

    private (KubeConfigFile File, T Entry) Find<T>(string kind, string name, Func<KubeConfig, List<T>?> list)
        where T : class, INamed
    {
        (KubeConfigFile File, T Entry) found = All(list).FirstOrDefault(candidate => candidate.Entry.Name == name);
        return found.Entry is not null
            ? found
            : throw new KubernetesConfigurationException($"{kind} '{name}' is not in {Names}. {Known(kind, All(list))}");
    }

    private static string Known<T>(string kind, IEnumerable<(KubeConfigFile File, T Entry)> entries)
        where T : INamed
    {
        IEnumerable<string?> names = entries.Select(candidate => candidate.Entry.Name).Where(name => name is { Length: > 0 });
        string known = string.Join(", ", names.Distinct());
        return known.Length == 0 ? $"It has no {kind}s." : $"It has: {known}";
    }
}

/// <summary>One file; the paths in it are relative to its folder.</summary>
internal sealed record KubeConfigFile(string Path, KubeConfig Content)
{
    internal static KubeConfigFile Read(string path)
    {
        try
        {
            string full = System.IO.Path.GetFullPath(path);
            IReadOnlyList<KubeConfig> documents = KubernetesYaml.LoadAllFromString<KubeConfig>(File.ReadAllText(full));
            return new KubeConfigFile(full, documents is [KubeConfig first, ..] ? first : new KubeConfig());
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException or JsonException)
        {
            throw new KubernetesConfigurationException($"Cannot read the kubeconfig {path}: {unreadable.Message}", unreadable);
        }
    }

    internal string? Resolve(string? path) =>
        string.IsNullOrEmpty(path) ? null : System.IO.Path.GetFullPath(path, System.IO.Path.GetDirectoryName(Path)!);
}
